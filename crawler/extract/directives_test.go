package extract

import (
	"testing"
	"time"
)

func TestHeaderRobots(t *testing.T) {
	t.Parallel()
	none := MetaRobots{NoIndex: true, NoFollow: true}
	tests := []struct {
		values []string
		want   MetaRobots
	}{
		{nil, MetaRobots{}},
		{[]string{""}, MetaRobots{}},
		{[]string{"all"}, MetaRobots{}},
		{[]string{"noindex"}, MetaRobots{NoIndex: true}},
		{[]string{"NoFollow, noarchive"}, MetaRobots{NoFollow: true}},
		{[]string{"none"}, none},
		{[]string{"all, NONE"}, none},
		{[]string{"noindex nofollow"}, none},
		{[]string{"noindexing,not-nofollow"}, MetaRobots{}},
		// Repeated fields: each begins with everybody.
		{[]string{"noindex", "nofollow"}, none},
		{[]string{"otherbot: none", "nofollow"}, MetaRobots{NoFollow: true}},
		{[]string{"otherbot: none", "TANDEMFETCH: noindex", "googlebot:nofollow"}, MetaRobots{NoIndex: true}},
		// Names.
		{[]string{"otherbot: none"}, MetaRobots{}},
		{[]string{"otherbot: none, nofollow"}, MetaRobots{}},
		{[]string{"tandemfetch: noindex, nofollow"}, none},
		{[]string{"*: noindex"}, MetaRobots{NoIndex: true}},
		{[]string{"otherbot: none, tandemfetch: noindex, nofollow"}, none},
		{[]string{"noindex, otherbot: nofollow"}, MetaRobots{NoIndex: true}},
		// Directives with a value are no names, and their values no directives.
		{[]string{"max-snippet: 20, noindex"}, MetaRobots{NoIndex: true}},
		{[]string{"max-image-preview:none, max-video-preview: -1"}, MetaRobots{}},
		{[]string{"unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"}, MetaRobots{NoIndex: true, UnavailableAfter: date("2010-06-25T15:00:00Z")}},
		{[]string{"unavailable_after: Friday, 25-Jun-10 15:00:00 UTC, nofollow"}, MetaRobots{NoFollow: true, UnavailableAfter: date("2010-06-25T15:00:00Z")}},
		{[]string{"tandemfetch: unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"}, MetaRobots{NoFollow: true, UnavailableAfter: date("2010-06-25T15:00:00Z")}},
		{[]string{"otherbot: unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"}, MetaRobots{}},
		{[]string{"unavailable_after: 2031-01-02", "unavailable_after: 2030-01-02T03:04:05Z"}, MetaRobots{UnavailableAfter: date("2030-01-02T03:04:05Z")}},
		{[]string{"unavailable_after: soon, nofollow"}, MetaRobots{NoFollow: true}},
		{[]string{",,:,: ,noindex:,"}, MetaRobots{}},
	}
	for _, tt := range tests {
		got := HeaderRobots(tt.values, agent)
		if got.NoIndex != tt.want.NoIndex || got.NoFollow != tt.want.NoFollow || !got.UnavailableAfter.Equal(tt.want.UnavailableAfter) {
			t.Errorf("%q: %+v, want %+v", tt.values, got, tt.want)
		}
	}
}

func TestMetaRobots(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]MetaRobots{
		`<meta name="robots" content="noindex,nofollow">`:                                     {NoIndex: true, NoFollow: true},
		`<META NAME=ROBOTS CONTENT=" NoFollow , all ">`:                                       {NoFollow: true},
		`<meta name=robots content="index, follow">`:                                          {},
		`<meta name="robots" content="none">`:                                                 {NoIndex: true, NoFollow: true},
		`<meta name="robots" content="max-image-preview: none">`:                              {},
		`<meta name="robots" content="foo: bar, nofollow">`:                                   {NoFollow: true},
		`<meta name=robots content=noindex><meta name=robots content=nofollow>`:               {NoIndex: true, NoFollow: true},
		`<meta name=robots content=all><meta name=tandemFETCH content=nofollow>`:              {NoFollow: true},
		`<meta name=robots content=nofollow><meta name=tandemfetch content=follow>`:           {NoFollow: true},
		`<meta name=googlebot content=none>`:                                                  {},
		`<meta property=robots content=none>`:                                                 {},
		`<!-- <meta name=robots content=none> --><p title="<meta name=robots content=none>">`: {},
		`<script>"<meta name=robots content=none>"</script>`:                                  {},
		`<meta name="robots" content="unavailable_after: 23-Jul-2007 18:00:00 EST">`:          {UnavailableAfter: date("2007-07-23T18:00:00Z")},
	} {
		got := Links(mustParse(t, pageURL), "text/html", []byte(page), Limits{}).MetaRobots
		if got.NoIndex != want.NoIndex || got.NoFollow != want.NoFollow || !got.UnavailableAfter.Equal(want.UnavailableAfter) {
			t.Errorf("%s: %+v, want %+v", page, got, want)
		}
	}
	page := []byte(`<meta name=examplebot content=noindex><meta name=tandemfetch content=nofollow>`)
	if got := Links(mustParse(t, pageURL), "text/html", page, Limits{Agent: "ExampleBot"}).MetaRobots; got != (MetaRobots{NoIndex: true}) {
		t.Errorf("under another name: %+v", got)
	}
}

func TestNoIndexAt(t *testing.T) {
	t.Parallel()
	at := date("2030-01-02T03:04:05Z")
	m := MetaRobots{UnavailableAfter: at}
	if m.NoIndexAt(at.Add(-time.Second)) || !m.NoIndexAt(at) || !m.Unite(MetaRobots{NoIndex: true}).NoIndexAt(at.Add(-time.Hour)) || (MetaRobots{}).NoIndexAt(at) {
		t.Error("the date does not decide")
	}
}

func FuzzHeaderRobots(f *testing.F) {
	f.Add("otherbot: none, tandemfetch: unavailable_after: Friday, 25-Jun-10 15:00:00 UTC, nofollow")
	f.Fuzz(func(t *testing.T, value string) {
		got := HeaderRobots([]string{value}, agent)
		if with := HeaderRobots([]string{value, "none"}, agent); !with.NoIndex || !with.NoFollow || with.UnavailableAfter != got.UnavailableAfter {
			t.Errorf("%q swallows the next field: %+v", value, with)
		}
	})
}

func date(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}
