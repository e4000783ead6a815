package main

import (
	"github.com/spf13/pflag"

	"tandem/internal/units"
	"tandem/load/target"
)

// bindTargets declares the flags that say what a load requests; its URLs are arguments.
func bindTargets(fs *pflag.FlagSet, c *target.Config) {
	fs.StringVar(&c.Targets, "targets", c.Targets, "a `FILE` of targets, - is standard input: METHOD URL and headers (as vegeta), JSON or JSONL objects, or URLs")
	fs.StringVar(&c.TargetsFormat, "targets-format", c.TargetsFormat, "how --targets is written: auto, http, json (vegeta's) or jsonl")
	fs.StringVar(&c.From, "from", c.From, "request the pages that the finished crawl in `RUN_DIR` found, on its seeds' hosts")
	fs.StringVar(&c.Base, "base", c.Base, "request the pages of --from at this `URL` instead of where they were found")
	fs.StringVar(&c.Order, "order", c.Order, "how pages of --from are dealt: inlinks (more links, more requests; without the flag), uniform or sequence")
	fs.StringVar(&c.Requisites, "requisites", c.Requisites, "images, styles and scripts of --from: none (without the flag), with or only")
	fs.StringVarP(&c.Method, "method", "m", c.Method, "request method, of targets that name none")
	fs.StringArrayVarP(&c.Headers, "header", "H", c.Headers, "a further request header, 'Name: value'; a value may be env:NAME or file:PATH (repeatable)")
	fs.StringVarP(&c.Body, "body", "b", c.Body, "request body, of targets that have none")
	fs.StringVar(&c.Feed, "feed", c.Feed, "a .csv or .jsonl `FILE` whose columns fill {{placeholders}} in URLs, headers and bodies, a row a request")
	fs.StringVar(&c.FeedOrder, "feed-order", c.FeedOrder, "which row a request takes: sequence or random")
	fs.Uint64Var(&c.Seed, "seed", c.Seed, "what is drawn by lot (targets by weight, random rows, {{random}}, {{uuid}}) is computed from `N`: the same N sends the same")
	fs.Var(units.NewList(&c.Checks), "check", "a condition on every answer, as status=2xx, header.content-type~json, 'body*=text' or 'body.size<100KB' (repeatable)")
}
