// Package simhash turns the words of a text into fingerprints that stay close when the text changes a little.
//
//	words ─► Hash (64 bit) ─┬─► Sketch.Add(hash, weight) ─► SimHash, 64 bit, compared by Distance
//	                        └─► MinHash(hashes)          ─► 112 × 32 bit, compared by Similarity
//	                                                         └─► Band(0…13): equal band = candidate pair
//
// A SimHash is small enough for a table column and says "about the same words". It is poor at finding near
// duplicates among many pages; the MinHash signature is what groups are made from. The signature sees the
// sets of three consecutive words, so it knows their order, and the share of equal lanes estimates how much
// of those sets two texts have in common (their Jaccard similarity).
//
// # Ownership
//
// Pure functions over their arguments. A [Sketch] belongs to one goroutine; everything else may be called from many.
//
// # Failure
//
// Nothing here fails. The same input gives the same output on every platform and in every release; a change of
// that kind must raise the version of the tasks that store fingerprints.
//
// # Costs
//
// Hash is about 1 ns a byte, MinHash about 4 ns a word, Sketch.Add about 65 ns a feature (on the developers' noisy cores).
package simhash
