package main

import (
	"fmt"
	"strings"

	"tandem/internal/units"
	"tandem/load"
)

// loadPlan says what is about to happen, before the first request.
func loadPlan(c *load.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "load: %s, %s, %d connections", loadTargets(c), loadShape(c), c.Connections)
	if c.Pipeline > 1 {
		fmt.Fprintf(&b, " with %d requests in flight on each", c.Pipeline)
	}
	if c.Streams > 1 {
		fmt.Fprintf(&b, " with %d streams on each", c.Streams)
	}
	if len(c.FindMax) > 0 {
		return b.String() + findPlan(c)
	}
	if c.Duration > 0 && len(c.Stages) == 0 {
		fmt.Fprintf(&b, ", for %v", c.Duration)
	}
	if c.Requests > 0 {
		fmt.Fprintf(&b, ", %s requests", units.FormatCount(c.Requests))
	}
	if c.Warmup > 0 {
		fmt.Fprintf(&b, ", after a warm-up of %v", c.Warmup)
	}
	return b.String()
}

func loadTargets(c *load.Config) string {
	switch {
	case c.Targets == "-":
		return "targets of standard input"
	case c.Targets != "":
		return "targets of " + units.Escape(c.Targets)
	case c.From != "" && c.Base != "":
		return fmt.Sprintf("pages of the crawl %s at %s", units.Escape(c.From), units.Escape(c.Base))
	case c.From != "":
		return "pages of the crawl " + units.Escape(c.From)
	}
	text := c.Method + " " + units.Escape(c.URLs[0])
	if n := len(c.URLs); n > 1 {
		text += fmt.Sprintf(" and %d more", n-1)
	}
	return text
}

func loadShape(c *load.Config) string {
	switch {
	case len(c.FindMax) > 0:
		return "search for the highest rate with " + findConditions(c)
	case len(c.Stages) > 0:
		return "open loop in stages " + c.Stages.String()
	case c.Bursts.Size > 0:
		return "open loop in bursts of " + c.Bursts.String()
	case c.Rate > 0 && c.Arrivals == load.ArrivalsPoisson:
		return fmt.Sprintf("open loop of Poisson arrivals at %v", c.Rate)
	case c.Rate > 0:
		return fmt.Sprintf("open loop at %v", c.Rate)
	}
	return "closed loop"
}
