package schedule

import (
	"math"
	"math/big"
	"math/bits"
	"time"
)

// fixed is a number of nanoseconds that is not negative, in fixed point: part counts 2^-64 ns.
type fixed struct{ whole, part uint64 }

// period is the time from one send to the next.
type period fixed

// periodOf returns the period of a rate that checkRate accepts.
func periodOf(rate float64) period {
	return period(fixedOf(new(big.Rat).Quo(big.NewRat(int64(time.Second), 1), new(big.Rat).SetFloat64(rate))))
}

// fixedOf rounds r, which is not negative and less than 2^63, down.
func fixedOf(r *big.Rat) fixed {
	scaled := new(big.Int).Lsh(r.Num(), 64)
	scaled.Quo(scaled, r.Denom())
	return fixed{new(big.Int).Rsh(scaled, 64).Uint64(), new(big.Int).And(scaled, new(big.Int).SetUint64(math.MaxUint64)).Uint64()}
}

// after returns n periods less offset, rounded to the nanosecond: 0 if offset is more, Never if no duration is that long.
func (p period) after(n uint64, offset fixed) time.Duration {
	high, part := bits.Mul64(n, p.part)
	over, whole := bits.Mul64(n, p.whole)
	whole, carry := bits.Add64(whole, high, 0)
	over += carry
	part, borrow := bits.Sub64(part, offset.part, 0)
	whole, borrow = bits.Sub64(whole, offset.whole, borrow)
	if borrow > over {
		return 0
	}
	over -= borrow
	if over != 0 || whole >= math.MaxInt64 {
		return Never
	}
	return time.Duration(whole + part>>63)
}
