package schedule

import (
	"errors"
	"fmt"
	"strings"

	"tandem/internal/units"
)

const wantStage = `a length and a rate, such as "1m:500", "10s:0..500/s" or "30s:0"`

// StageList is stages as a flag or a key of a job file gives them. An empty list is no stages.
type StageList []Stage

// ParseStages reads stages such as "10s:0..500,1m:500": lengths as in units.ParseDuration, rates as in units.ParseRate. In a ramp, a
// first rate without a unit has that of the second; the second must have one if the first does. What Stages refuses is refused; the error names
// the stage.
func ParseStages(text string) (StageList, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("stages %s: there are none; want %s, more of them after commas", quoted(text), wantStage)
	}
	if n := strings.Count(text, ",") + 1; n > MaxStages {
		return nil, fmt.Errorf("stages: there are %d; want at most %d", n, MaxStages)
	}
	var list StageList
	for i, one := range strings.Split(text, ",") {
		s, err := parseStage(one)
		if err == nil {
			err = checkStage(s)
		}
		if err != nil {
			return nil, atStage(i, strings.TrimSpace(one), err)
		}
		list = append(list, s)
	}
	if err := checkStages(list); err != nil {
		return nil, err
	}
	return list, nil
}

func parseStage(text string) (Stage, error) {
	length, rates, ok := strings.Cut(text, ":")
	if strings.TrimSpace(text) == "" {
		return Stage{}, errors.New("it is empty; want " + wantStage)
	}
	if !ok {
		return Stage{}, errors.New("it has no colon; want " + wantStage)
	}
	d, err := units.ParseDuration(length)
	if err != nil {
		return Stage{}, err
	}
	from, to, ramp := strings.Cut(rates, "..")
	last, err := parseRate(to)
	if !ramp {
		last, err = parseRate(from)
		return Stage{d.D(), last, last}, err
	}
	if err != nil {
		return Stage{}, err
	}
	first, err := parseRate(from + unitFor(from, to))
	if err == nil && last != 0 && strings.Contains(from, "/") && !strings.Contains(to, "/") {
		err = fmt.Errorf("rate %s: it has no unit, but the first has; want both with it", quoted(strings.TrimSpace(to)))
	}
	return Stage{d.D(), first, last}, err
}

// unitFor returns the unit that the first rate of a ramp takes from the second.
func unitFor(from, to string) string {
	if slash := strings.IndexByte(to, '/'); slash >= 0 && !strings.Contains(from, "/") {
		return to[slash:]
	}
	return ""
}

func parseRate(text string) (float64, error) {
	rate, err := units.ParseRate(text)
	if err == nil {
		return rate.PerSecond(), nil
	}
	text = strings.TrimSpace(text)
	wrong := "it is no rate"
	if strings.HasPrefix(text, "-") {
		wrong = "it is negative"
	}
	return 0, fmt.Errorf(`rate %s: %s; want one such as "500", "500/s" or "30/m", or 0 for a pause`, quoted(text), wrong)
}

// Schedule plans the stages, as Stages does.
func (l StageList) Schedule() (Schedule, error) { return Stages(l) }

// String prints the stages as ParseStages reads them: "10s:0..500/s,1m:500/s"; it is empty for an empty list.
func (l StageList) String() string {
	texts := make([]string, len(l))
	for i, s := range l {
		texts[i] = s.String()
	}
	return strings.Join(texts, ",")
}

// Set parses text into l; it makes *StageList a command line value.
func (l *StageList) Set(text string) error {
	v, err := ParseStages(text)
	if err == nil {
		*l = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (l StageList) Type() string { return "STAGES" }

// MarshalText returns String.
func (l StageList) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText is Set, but for the empty text, which is what MarshalText makes of no stages.
func (l *StageList) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*l = nil
		return nil
	}
	return l.Set(string(text))
}
