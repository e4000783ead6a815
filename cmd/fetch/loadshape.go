package main

import (
	"errors"

	"github.com/spf13/pflag"

	"tandem/internal/units"
	"tandem/load"
)

// shapeFlags each say what shape the load has: one of them on the command line is instead of what the job file says.
var shapeFlags = []string{"rate", "stages", "bursts", "find-max"}

// takeShape has the shape that the command line asks for, and the duration that belongs to it.
func (j *job) takeShape(given *pflag.FlagSet) error {
	c := &j.Load.Config
	asked := false
	for _, name := range shapeFlags {
		asked = asked || given.Changed(name)
	}
	searching := given.Changed("find-max") || !asked && len(c.FindMax) > 0
	if asked {
		dropShape(given, c, searching)
	}
	switch hasDuration := given.Changed("duration") || j.inFile("duration"); {
	case given.Changed("duration") && len(c.Stages) > 0:
		return errors.New("duration: stages bring their own: leave -d out, or make the last stage longer or shorter")
	case searching && !hasDuration:
		c.Duration = units.Duration(load.TrialLength)
	case given.Changed("requests") && !given.Changed("duration") && !searching:
		c.Duration = 0 // a number of requests alone is the end that was asked for
	}
	if searching && !given.Changed("warmup") && !j.inFile("warmup") {
		c.Warmup = units.Duration(load.Settle(c.Duration.D()))
	}
	return nil
}

// dropShape drops what the job file says of shapes that the command line does not name. A rate is where a search begins, too.
func dropShape(given *pflag.FlagSet, c *load.Config, searching bool) {
	if !given.Changed("rate") && !searching {
		c.Rate = 0
	}
	if !given.Changed("stages") {
		c.Stages = nil
	}
	if !given.Changed("bursts") {
		c.Bursts.Size, c.Bursts.Every = 0, 0
	}
	if searching {
		return
	}
	c.FindMax = nil
	if !given.Changed("max-rate") { // a given one is refused later on
		c.MaxRate = 0
	}
	if !given.Changed("find-precision") {
		c.FindPrecision = load.DefaultConfig().FindPrecision
	}
}

// inFile reports whether the job file has a key of the section load.
func (j *job) inFile(key string) bool { return j.where.Has("load." + key) }
