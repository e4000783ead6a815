package extract

import "testing"

func TestDates(t *testing.T) {
	t.Parallel()
	berlin, plus := zone(t, "Europe/Berlin"), zone(t, "+05:30")
	tests := []struct {
		text   string
		layout *DateLayout
		zone   *TimeZone
		want   string // "" is no date
	}{
		// ISO 8601, RFC 3339
		{"2006-01-02", nil, nil, "2006-01-02"},
		{"2006-1-2", nil, nil, "2006-01-02"},
		{"2006-01-02T15:04:05Z", nil, nil, "2006-01-02T15:04:05Z"},
		{"2006-01-02T15:04:05.250+01:00", nil, nil, "2006-01-02T15:04:05.25+01:00"},
		{"2006-01-02t15:04:05,5−0330", nil, nil, "2006-01-02T15:04:05.5-03:30"},
		{"2006-01-02 15:04", nil, nil, "2006-01-02T15:04:00"},
		{"2006-01-02 15:04:05 UTC", nil, nil, "2006-01-02T15:04:05Z"},
		{"2006-01-02 15:04:05 +0100", nil, nil, "2006-01-02T15:04:05+01:00"},
		{"20060102", nil, nil, "2006-01-02"},
		{"20060102T150405Z", nil, nil, "2006-01-02T15:04:05Z"},
		{"20060102T1504+02", nil, nil, "2006-01-02T15:04:00+02:00"},
		{"2006/01/02 03:04 PM", nil, nil, "2006-01-02T15:04:00"},
		// RFC 1123, RFC 5322, asctime, date(1), JavaScript
		{"Mon, 02 Jan 2006 15:04:05 GMT", nil, nil, "2006-01-02T15:04:05Z"},
		{"Mon, 2 Jan 2006 15:04:05 +0100 (CET)", nil, nil, "2006-01-02T15:04:05+01:00"},
		{"02 Jan 2006 15:04 EST", nil, nil, "2006-01-02T15:04:00-05:00"},
		{"Mon Jan 2 15:04:05 2006", nil, nil, "2006-01-02T15:04:05"},
		{"Mon Jan 2 15:04:05 CET 2006", nil, nil, "2006-01-02T15:04:05+01:00"},
		{"Mon Jan 02 2006 15:04:05 GMT+0100 (Central European Standard Time)", nil, nil, "2006-01-02T15:04:05+01:00"},
		// written
		{"2 January 2006", nil, nil, "2006-01-02"},
		{"2nd of January, 2006", nil, nil, "2006-01-02"},
		{"January 2, 2006", nil, nil, "2006-01-02"},
		{"JAN. 2nd 2006", nil, nil, "2006-01-02"},
		{"Monday, January 2, 2006 at 3:04 pm", nil, nil, "2006-01-02T15:04:00"},
		{"January 2, 2006 12:00 a.m. PST", nil, nil, "2006-01-02T00:00:00-08:00"},
		{"02-Jan-2006", nil, nil, "2006-01-02"},
		{"02.01.2006", nil, nil, "2006-01-02"},
		{"2. 1. 2006, 15:04 Uhr", nil, nil, "2006-01-02T15:04:00"},
		{"Montag, 2. Januar 2006 um 15:04 MEZ", nil, nil, "2006-01-02T15:04:00+01:00"},
		{"lundi 2 janvier 2006 à 15h04", nil, nil, "2006-01-02T15:04:00"},
		{"1er août 2006", nil, nil, "2006-08-01"},
		{"2 de enero de 2006", nil, nil, "2006-01-02"},
		{"2006年1月2日", nil, nil, "2006-01-02"},
		// zones of times that have none
		{"02.07.2006 15:04", nil, berlin, "2006-07-02T15:04:00+02:00"},
		{"02.01.2006 15:04", nil, berlin, "2006-01-02T15:04:00+01:00"},
		{"2006-01-02 15:04", nil, plus, "2006-01-02T15:04:00+05:30"},
		{"2006-01-02 15:04Z", nil, berlin, "2006-01-02T15:04:00Z"},
		{"2006-01-02", nil, berlin, "2006-01-02"},
		// layouts decide what may be either
		{"03/04/2006", layout(t, "02/01/2006"), nil, "2006-04-03"},
		{"03/04/2006", layout(t, "01/02/2006"), nil, "2006-03-04"},
		{"3/4/06", layout(t, "2/1/06"), nil, "2006-04-03"},
		{"03/14/2006", layout(t, "02/01/2006"), nil, ""},
		{"03/04/2006 5:06PM", layout(t, "02/01/2006 3:04PM"), berlin, "2006-04-03T17:06:00+02:00"},
		{"03/04/2006 17:06 CET", layout(t, "02/01/2006 15:04 MST"), nil, "2006-04-03T17:06:00+01:00"},
		{"03/04/2006 17:06 XYZ", layout(t, "02/01/2006 15:04 MST"), nil, ""},
		{"03/04/2006 17:06 +0200", layout(t, "02/01/2006 15:04 -0700"), berlin, "2006-04-03T17:06:00+02:00"},
		{"2006-01-02", layout(t, "02/01/2006"), nil, ""},
		{"1136214245", layout(t, "unix"), nil, "2006-01-02T15:04:05Z"},
		{"1136214245250", layout(t, "unix-ms"), nil, "2006-01-02T15:04:05.25Z"},
		{"9999999999999", layout(t, "unix"), nil, ""},
		// no guesses
		{"03/04/2006", nil, nil, ""}, {"25/12/2006", nil, nil, ""}, {"02.01.06", nil, nil, ""}, {"2 January", nil, nil, ""}, {"January 2006", nil, nil, ""},
		{"2006", nil, nil, ""}, {"2006-02-30", nil, nil, ""}, {"2006-13-01", nil, nil, ""}, {"30 February 2006", nil, nil, ""}, {"20061302", nil, nil, ""},
		{"2006-01-02 24:00", nil, nil, ""}, {"2006-01-02 13:00 pm", nil, nil, ""}, {"2006-01-02 15:04 IST", nil, nil, ""},
		{"2006-01-02 15:04 +0199", nil, nil, ""}, {"until 2 January 2006", nil, nil, ""}, {"2 Nonsense 2006", nil, nil, ""}, {"yesterday", nil, nil, ""},
		{"2006-01-02 or later", nil, nil, ""}, {"", nil, nil, ""},
	}
	for _, tt := range tests {
		if got, _ := dateValue(tt.text, tt.layout, tt.zone); got != tt.want {
			t.Errorf("%q with layout %v, zone %v: %q, want %q", tt.text, tt.layout, tt.zone, got, tt.want)
		}
	}
}

func layout(t testing.TB, text string) *DateLayout {
	t.Helper()
	l, err := ParseDateLayout(text)
	if err != nil {
		t.Fatal(err)
	}
	return &l
}

func zone(t testing.TB, text string) *TimeZone {
	t.Helper()
	z, err := ParseTimeZone(text)
	if err != nil {
		t.Fatal(err)
	}
	return &z
}

// A layout has a whole day, a zone is the same on every machine.
func TestBadLayoutsAndZones(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "dd/mm/yyyy", "%d/%m/%Y", "January 2006", "02/01", "15:04", "UNIX"} {
		if l, err := ParseDateLayout(text); err == nil {
			t.Errorf("%q is taken for a layout: %+v", text, l)
		}
	}
	for _, text := range []string{"", "Local", "CET", "+2", "Europe/Nowhere", "../etc/passwd"} {
		if z, err := ParseTimeZone(text); err == nil {
			t.Errorf("%q is taken for a zone: %+v", text, z)
		}
	}
}

// FuzzDate looks for panics and for answers that are no dates.
func FuzzDate(f *testing.F) {
	for _, text := range []string{"Mon Jan 2 15:04:05 CET 2006", "20060102T150405Z", "2. Januar 2006 um 15:04 Uhr", "2006-01-02 15:04 +0100 (x)"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := dateValue(text, nil, nil)
		if !ok {
			return
		}
		if again, ok := dateValue(got, nil, nil); !ok || again != got {
			t.Fatalf("%q gives %q, which gives %q", text, got, again)
		}
	})
}
