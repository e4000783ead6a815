package main

import (
	"fmt"
	"strconv"
	"strings"
)

// percent is a flag in per cent, kept as a fraction: "5%" is 0.05. A bare number is refused, as it could be either; 0 needs no unit.
type percent float64

// Type names the value in help texts.
func (*percent) Type() string { return "PERCENT" }

// String prints the fraction as per cent.
func (p *percent) String() string { return strconv.FormatFloat(100*float64(*p), 'g', 10, 64) + "%" }

// Set reads "5%" or "0".
func (p *percent) Set(text string) error {
	number, found := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !found && v != 0 || !(v >= 0 && v <= 100) {
		return fmt.Errorf(`%q is no percentage: want one from 0%% to 100%%, such as "5%%"`, text)
	}
	*p = percent(v / 100)
	return nil
}
