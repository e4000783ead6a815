package schedule_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"tandem/load/schedule"
)

func TestParseStages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10s:0..500,1m:500":            "10s:0..500/s,1m:500/s",
		" 10s : 0 .. 500/s , 1m:500/s": "10s:0..500/s,1m:500/s",
		"1d:30/m..60/m":                "1d:30/m..1/s",
		"1m:30..60/m":                  "1m:30/m..1/s",
		"1m:30/m..0":                   "1m:30/m..0",
		"250ms:1.5..1.5":               "250ms:1.5/s",
		"1m:0,1h:10/d":                 "1m:0,1h:10/d",
	} {
		list, err := schedule.ParseStages(text)
		if err != nil || list.String() != want {
			t.Errorf("%q reads as %q, %v, want %q", text, list, err, want)
		}
	}
}

func TestParseStagesRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        `stages "": there are none`,
		"10s":                     `stage 1, "10s": it has no colon; want a length and a rate`,
		"1m:5,":                   `stage 2, "": it is empty`,
		"1m:5,,1m:5":              `stage 2, "": it is empty`,
		":5":                      `stage 1, ":5": duration ""`,
		"10:5":                    `stage 1, "10:5": duration "10"`,
		"-1s:5":                   `stage 1, "-1s:5": duration "-1s": it is negative`,
		"1m:5,0s:5":               `stage 2, "0s:5": it has no length; want more than 0`,
		"1m:":                     `stage 1, "1m:": rate "": it is no rate`,
		"1m:5..":                  `stage 1, "1m:5..": rate "": it is no rate`,
		"1m:..5":                  `stage 1, "1m:..5": rate "": it is no rate`,
		"1m:..5/m":                `stage 1, "1m:..5/m": rate "/m": it is no rate`,
		"1m:1..2..3":              `rate "2..3": it is no rate`,
		"1m:-5":                   `stage 1, "1m:-5": rate "-5": it is negative; want one such as "500"`,
		"1m:NaN":                  `rate "NaN": it is no rate`,
		"1m:Inf":                  `rate "Inf": it is no rate`,
		"1m:1e9":                  `rate "1e9": it is no rate`,
		"1m:10000001":             `stage 1, "1m:10000001": rate 1.0000001e+07/s: it is too high; want 1e-6/s to 10,000,000/s, or 0 for a pause`,
		"1m:0..10000001":          `it is too high`,
		"1m:0.0000001":            `it is too low`,
		"1m:30/m..500":            `rate "500": it has no unit, but the first has`,
		"1m:30/w":                 `rate "30/w": it is no rate`,
		"1m:0,1s:0..0":            `all rates are 0, so nothing is sent`,
		"101d:1":                  `stage 1, "101d:1": it is too long; want at most 100d`,
		"99d:1,2d:1":              `stage 2, "2d:1/s": with it the stages are too long; want at most 100d together`,
		"9999999999d:1":           `stage 1, "9999999999d:1": duration "9999999999d"`,
		"1m:1\x1b[2J":             `rate "1\x1b[2J": it is no rate`,
		strings.Repeat(",", 1000): `there are 1001; want at most 1000`,
	} {
		list, err := schedule.ParseStages(text)
		if err == nil || !strings.Contains(err.Error(), want) || list != nil {
			t.Errorf("%q: %v, %v, want an error with %s", text, list, err, want)
		}
		kept := schedule.StageList{{Length: 1, From: 2, To: 2}}
		if err := kept.Set(text); err == nil || len(kept) != 1 {
			t.Errorf("%q: a list that it was set to is %v, %v", text, kept, err)
		}
	}
}

func TestParseBursts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]schedule.Burst{
		"100@1s": {Size: 100, Every: time.Second}, " 1 @ 1d12h ": {Size: 1, Every: 36 * time.Hour}, "10000000@1s": {Size: 1e7, Every: time.Second},
	} {
		if b, err := schedule.ParseBursts(text); err != nil || b != want {
			t.Errorf("%q reads as %v, %v, want %v", text, b, err, want)
		}
	}
	for text, want := range map[string]string{
		"": `bursts "": want a number`, "100": `bursts "100": want a number of sends and an interval, such as "100@1s"`, "@1s": `"" is no number of sends`,
		"0@1s": `"0" is no number of sends`, "-1@1s": `"-1" is no number`, "+1@1s": `"+1" is no number`, "1.5@1s": `"1.5" is no number`,
		"99999999999999999999@1s": `is no number of sends`, "5@0": `want an interval of more than 0`, "5@10": `duration "10"`, "5@-1s": `it is negative`,
		"1@101d": `at most 100d`, "10000001@1s": `more than 10,000,000/s on average`, "9223372036854775807@100d": `more than 10,000,000/s`,
	} {
		if b, err := schedule.ParseBursts(text); err == nil || !strings.Contains(err.Error(), want) || b != (schedule.Burst{}) {
			t.Errorf("%q: %v, %v, want an error with %s", text, b, err, want)
		}
	}
}

// What programs give wrongly is refused as well.
func TestCheck(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, s := range []schedule.Schedule{
		schedule.Constant(0, 0), schedule.Constant(-1, 0), schedule.Constant(nan, 0), schedule.Constant(inf, 0), schedule.Constant(1e-7, 0),
		schedule.Constant(1, -1), schedule.Constant(1, math.MaxInt64), schedule.Poisson(nan, 0, 1), schedule.Poisson(0, 0, 1), schedule.Poisson(1, -1, 1),
		schedule.Bursts(0, 1, 0), schedule.Bursts(-1, 1, 0), schedule.Bursts(1, 0, 0), schedule.Bursts(1, -1, 0), schedule.Bursts(1, 1, 0),
		schedule.Bursts(math.MaxInt64, schedule.MaxLength, 0), schedule.Bursts(1, time.Second, -1),
	} {
		if s.Check() == nil || s.Total() != 0 || s.At(0) != schedule.Never || s.Due(time.Hour) != 0 {
			t.Errorf("%v is accepted", s)
		}
	}
	for want, list := range map[string][]schedule.Stage{
		"there are none":              nil,
		"its length is negative":      {{-1, 1, 1}},
		"stage 2":                     {{1, 1, 1}, {0, 1, 1}},
		"rate NaN/s: it is no number": {{1, nan, 1}},
		"rate +Inf/s: it is too high": {{1, 1, inf}},
		"it is negative":              {{1, -1, 1}},
		"with it the stages are too":  {{schedule.MaxLength, 1, 1}, {schedule.MaxLength, 1, 1}},
		"at most 1000":                make([]schedule.Stage, 1001),
	} {
		if s, err := schedule.Stages(list); err == nil || !strings.Contains(err.Error(), want) || s.Total() != 0 {
			t.Errorf("%v: %v, want an error with %q", list, err, want)
		}
	}
}

// A job file that was written with nothing in it is read again.
func TestEmptyTexts(t *testing.T) {
	t.Parallel()
	list, burst := schedule.StageList{{1, 1, 1}}, schedule.Burst{Size: 1, Every: 1}
	if text, err := (schedule.StageList{}).MarshalText(); err != nil || list.UnmarshalText(text) != nil || list != nil {
		t.Errorf("no stages are written as %q and read as %v", text, list)
	}
	if text, err := (schedule.Burst{}).MarshalText(); err != nil || burst.UnmarshalText(text) != nil || burst != (schedule.Burst{}) {
		t.Errorf("no bursts are written as %q and read as %v", text, burst)
	}
}

// What the parsers accept is printed so that it reads the same, and makes a schedule whose functions agree.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"10s:0..500,1m:500", "1m:30..60/m", "1m:0,1ns:1,5s:10/d..0", "100d:10000000..0.000001", "1ms:0.1,1s:0,1ms:0.1,1h:3", "100@1s", "1@1ns", "5@0", "1m:NaN",
	} {
		f.Add(text, int64(3))
	}
	f.Fuzz(func(t *testing.T, text string, i int64) {
		if list, err := schedule.ParseStages(text); err == nil {
			var again schedule.StageList
			if err := again.UnmarshalText([]byte(list.String())); err != nil || again.String() != list.String() {
				t.Fatalf("%q prints as %q, which reads %q, %v", text, list, again, err)
			}
			s, err := schedule.Stages(list)
			if err != nil || s.Total() < 1 {
				t.Fatalf("%q is accepted, but %v with %d sends", text, err, s.Total())
			}
			for _, k := range []int64{0, s.Total() - 1, int64(uint64(i) % uint64(s.Total()))} {
				agree(t, text, s, k)
			}
		}
		if b, err := schedule.ParseBursts(text); err == nil {
			if again, err := schedule.ParseBursts(b.String()); err != nil || again != b {
				t.Fatalf("%q prints as %q, which reads %q, %v", text, b, again, err)
			}
			s := b.Schedule(0)
			if s.Check() != nil {
				t.Fatalf("%q is accepted, but %v", text, s.Check())
			}
			if k := i & math.MaxInt64; s.At(k) != schedule.Never {
				agree(t, text, s, k)
			}
		}
	})
}
