// Command process breaks process-offline through another package.
package main
