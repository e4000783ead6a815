package extract

import (
	"bytes"
	"math"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What a page may cost where rules are asked. The bounds are counts and not times, so that a page has the same items
// whenever and wherever it is read.
const (
	maxRuleBody = 8 << 20 // bytes of a page, decoded
	maxTags     = 200_000 // '<' in it
	maxNodes    = 6 << 20 // elements that the parser could make of those
	maxSteps    = 5e8     // comparisons that one selector could need on the tree: a few seconds
)

// tree is a parsed page and the figures that tell what a selector may cost on it.
type tree struct {
	root  *html.Node
	depth []int64       // nodes by depth
	kids  map[int]int64 // nodes by number of children
	text  float64       // bytes of text, each as often as it has ancestors
}

// parseTree parses a page as a reader without scripts sees it. The parser refuses pages with more than 512 elements
// open at a time.
func parseTree(src []byte) (*tree, error) {
	if len(src) > maxRuleBody || bytes.Count(src, []byte("<")) > maxTags || nodesBound(src) > maxNodes {
		return nil, ErrHeavy
	}
	root, err := html.ParseWithOptions(bytes.NewReader(src), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, err
	}
	t := &tree{root: root, kids: map[int]int64{}}
	t.survey(root, 0)
	return t, nil
}

func (t *tree) survey(n *html.Node, depth int) {
	if depth == len(t.depth) {
		t.depth = append(t.depth, 0)
	}
	t.depth[depth]++
	if n.Type == html.TextNode {
		t.text += float64(len(n.Data)) * float64(depth)
	}
	kids := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		t.survey(c, depth+1)
		kids++
	}
	if kids > 1 {
		t.kids[kids]++
	}
}

// nesting is how many of the nodes lie within each other at most.
func (t *tree) nesting(nodes []*html.Node) int {
	wanted := make(map[*html.Node]bool, len(nodes))
	for _, n := range nodes {
		wanted[n] = true
	}
	return max(deepest(t.root, wanted), 1)
}

func deepest(n *html.Node, wanted map[*html.Node]bool) int {
	most := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		most = max(most, deepest(c, wanted))
	}
	if wanted[n] {
		most++
	}
	return most
}

// nodesBound tells how many elements a page can become at most. Formatting elements that are left open (<b><p>x<p>y) are opened
// again in every later paragraph: a list of a few hundred of them makes gigabytes of a small page. The
// list holds three elements of equal attributes at most, so counting different ones bounds it. Closing one in the wrong
// place copies up to 32 elements.
func nodesBound(src []byte) int {
	z := html.NewTokenizer(bytes.NewReader(src))
	tags, moved, different := 0, 0, map[string]bool{}
	for {
		token := z.Next()
		switch token {
		case html.ErrorToken:
			return tags*min(512, 3*(1+len(different))) + 32*moved
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
		default:
			continue
		}
		tags++
		raw := string(z.Raw()) // before TagName, which changes it
		name, _ := z.TagName()
		switch atom.Lookup(name) {
		case atom.Noscript:
			z.NextIsNotRawText()
		case atom.A, atom.Nobr: // of which one is open at a time
			moved++
		case atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
			if token == html.EndTagToken {
				moved++
			} else if len(different) < 512 {
				different[raw] = true
			}
		}
	}
}

// affords reports whether asking the tree for s is within bounds, when every node is looked at up to times times. "a b c" tries
// every two ancestors of each c, "a ~ b" and ":nth-child" every pair of siblings: on a hostile page that is forever.
func (t *tree) affords(s *Selector, times int) bool {
	steps := 0.0
	for part := range strings.SplitSeq(s.text, ",") {
		ancestors, siblings := costOf(part)
		for depth, n := range t.depth {
			steps += float64(n) * choose(depth, ancestors)
		}
		if strings.Contains(part, ":") { // ":contains" reads the text of every element
			steps += t.text
		}
		if siblings > 0 {
			for kids, n := range t.kids {
				steps += float64(n) * math.Pow(float64(kids), float64(1+siblings))
			}
		}
	}
	return steps*float64(times) <= maxSteps
}

// costOf tells how many ancestors and siblings of a node a selector may have to try at once.
func costOf(part string) (ancestors, siblings int) {
	siblings = strings.Count(part, "~")
	if siblings == 0 && strings.ContainsAny(part, ":+") {
		siblings = 1
	}
	for _, c := range ">+~" {
		part = strings.ReplaceAll(part, string(c), " "+string(c)+" ")
	}
	words := strings.Fields(part)
	ancestors = len(words) - 1
	for _, w := range words {
		if strings.ContainsAny(w, ">+~") {
			ancestors -= 2
		}
	}
	return max(ancestors, 0), siblings
}

// choose is the number of ways to pick k of n.
func choose(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways *= float64(n-i) / float64(i+1)
	}
	return max(ways, 1)
}
