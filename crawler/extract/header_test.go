package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeaderLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		link, refresh string
		want          []string
	}{
		{"", "", nil},
		{`<a>; rel="next", <b,c>; rel=prev;title="x, <no>; \" y", </d>`, "", []string{"/dir/a [next]", "/dir/b,c [prev]", "/d"}},
		{`<s.css>; rel=preload; as=style, <//h>; rel=preconnect`, "", []string{"! /dir/s.css [preload]"}},
		{`<x>;rel=NoFollow`, "3;url=/r", []string{"/r [refresh]", "- /dir/x [nofollow]"}},
		{`<x>;rel;;=;"`, "", []string{"/dir/x"}},
		{`<x>;rel="`, "", []string{"/dir/x"}},
		{`<x`, "", nil},
		{`<<>>,,<`, "", []string{"/dir/%3C"}},
	}
	for _, tt := range tests {
		links := HeaderLinks(mustParse(t, pageURL), func(name string) string {
			return map[string]string{"Link": tt.link, "Refresh": tt.refresh}[name]
		})
		if diff := cmp.Diff(tt.want, shown(Result{Links: links})); diff != "" {
			t.Errorf("%s\n%s", tt.link, diff)
		}
	}
}
