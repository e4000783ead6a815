package main

import (
	"slices"
	"time"
)

// sample is what one cell used in one round.
type sample struct {
	Wall time.Duration `json:"wall_ns"`
	CPU  time.Duration `json:"cpu_ns"` // processor time, workers included
}

// spread is a median and how far the rounds lay around it.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spreadOf returns the spread of values; the zero one of none. The median of an even number is the mean of the middle two.
func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	v := slices.Sorted(slices.Values(values))
	middle := len(v) / 2
	median := v[middle]
	if len(v)%2 == 0 {
		median = (v[middle-1] + v[middle]) / 2
	}
	return spread{median, v[0], v[len(v)-1]}
}

// width returns how far the rounds lay apart, as a share of the median.
func (s spread) width() float64 {
	if s.Median == 0 {
		return 0
	}
	return (s.Max - s.Min) / s.Median
}

// walls returns the spread of the times of a cell, in seconds.
func walls(samples []sample) spread {
	var v []float64
	for _, s := range samples {
		v = append(v, s.Wall.Seconds())
	}
	return spreadOf(v)
}

// meanCPU returns the processor time per round: the mean, because the system tells it in steps of 10 ms.
func meanCPU(samples []sample) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	var sum time.Duration
	for _, s := range samples {
		sum += s.CPU
	}
	return sum / time.Duration(len(samples))
}

// speedups divides round by round, so that a machine that slows down for a while slows down both.
func speedups(base, samples []sample) spread {
	var v []float64
	for i := range min(len(base), len(samples)) {
		if samples[i].Wall > 0 {
			v = append(v, base[i].Wall.Seconds()/samples[i].Wall.Seconds())
		}
	}
	return spreadOf(v)
}
