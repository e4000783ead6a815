package schedule

import (
	"errors"
	"math"
	"time"
)

// Never is the time of a send that a schedule does not hold.
const Never time.Duration = math.MaxInt64

// Schedule says when each send is planned. It is immutable and safe for concurrent use. The zero Schedule holds no send, and Check
// refuses it.
type Schedule struct {
	shape  shape
	length time.Duration
	total  int64
}

// shape is a kind of schedule without its end. Its methods may count on valid arguments.
type shape interface {
	at(i int64) time.Duration     // i >= 0; Never when no duration is long enough
	due(t time.Duration) int64    // how many have at(i) <= t; 0 <= t < Never
	rate(t time.Duration) float64 // per second; t >= 0
	String() string
}

// until ends a shape at length, or not at all if that is 0.
func until(s shape, length time.Duration) Schedule {
	if length == 0 {
		return Schedule{shape: s, total: math.MaxInt64}
	}
	return Schedule{shape: s, length: length, total: s.due(length - 1)}
}

// Check says what is wrong with the arguments that the schedule was made of; it is nil when there is something to send.
func (s Schedule) Check() error {
	if s.shape == nil {
		return errors.New("schedule: there is none")
	}
	if r, bad := s.shape.(refused); bad {
		return r.err
	}
	return nil
}

// At returns when send i (the first is 0) is planned, as time since the start, to the nanosecond. It never decreases with i. It is Never
// for sends that the schedule does not hold.
func (s Schedule) At(i int64) time.Duration {
	if i >= s.total {
		return Never
	}
	return s.shape.at(max(i, 0))
}

// Due returns how many sends are planned up to and with elapsed: exactly those whose At is not later.
func (s Schedule) Due(elapsed time.Duration) int64 {
	switch {
	case elapsed < 0 || s.total == 0:
		return 0
	case s.length > 0 && elapsed >= s.length:
		return s.total
	}
	return min(s.shape.due(min(elapsed, Never-1)), s.total)
}

// Total returns how many sends the schedule holds, which is those before Length; math.MaxInt64 when it has no end.
func (s Schedule) Total() int64 { return s.total }

// Length returns when the schedule ends; 0 when it does not.
func (s Schedule) Length() time.Duration { return s.length }

// RateAt returns the rate that is planned at elapsed, in sends per second: the mean rate for bursts and Poisson arrivals, 0 before the
// start and from the end on.
func (s Schedule) RateAt(elapsed time.Duration) float64 {
	if elapsed < 0 || s.total == 0 || s.length > 0 && elapsed >= s.length {
		return 0
	}
	return s.shape.rate(elapsed)
}

// String describes the schedule for people, without its length unless it has stages: "open loop at 500/s",
// "stages 10s:0..500/s, 1m:500/s".
func (s Schedule) String() string {
	if s.shape == nil {
		return "no schedule"
	}
	return s.shape.String()
}

// settle corrects a guess of how many sends of s are due at t; the guess may be off by what floating point loses. The answer lies
// within low and high.
func settle[S interface{ at(int64) time.Duration }](s S, guess, low, high int64, t time.Duration) int64 {
	n := min(max(guess, low), high)
	for n < high && s.at(n) <= t {
		n++
	}
	for n > low && s.at(n-1) > t {
		n--
	}
	return n
}
