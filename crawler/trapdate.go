package crawler

// firstYear is the earliest year that pages are archived by.
const firstYear = 1900

// dateReader finds a date in the segments of a path or in the parameters of a
// query: 2026/11/20, 2026-11, year=2026&month=11.
type dateReader struct {
	month int // index of the latest month found
	last  int // a year that a month may follow
	found bool
}

// monthIndex counts months from the year 0.
func monthIndex(year, month int) int { return year*12 + month - 1 }

// take reads the next segment.
func (d *dateReader) take(segment string) {
	year, rest := number(segment, 4)
	switch {
	case d.last != 0 && monthOf(segment) > 0:
		d.note(d.last, monthOf(segment))
	case year >= 0 && len(rest) >= 3 && (rest[0] == '-' || rest[0] == '.' || rest[0] == '_') && monthOf(rest[1:3]) > 0:
		d.note(year, monthOf(rest[1:3]))
	}
	if d.last = 0; year >= 0 && rest == "" {
		d.last = year
	}
}

// takeParam reads the next parameter. A year goes with a month that comes later,
// and counts from January until then.
func (d *dateReader) takeParam(name, value string) {
	switch name {
	case "year", "y", "yr", "jahr", "annee":
		if year, rest := number(value, 4); year >= 0 && rest == "" {
			d.note(year, 1)
			d.last = year
		}
	case "month", "m", "mon", "monat", "mois":
		if d.last != 0 && monthOf(value) > 0 {
			d.note(d.last, monthOf(value))
		}
	default:
		last := d.last
		d.last = 0
		d.take(value)
		d.last = last
	}
}

func (d *dateReader) note(year, month int) {
	d.month, d.found = max(d.month, monthIndex(year, month)), true
}

// verdict tells whether there is a date, and whether it is far from now.
func (d *dateReader) verdict(farMonth int) (dated, far bool) {
	return d.found, d.found && (d.month < monthIndex(firstYear, 1) || d.month >= farMonth)
}

// number reads the digits at the start of s if there are exactly so many.
func number(s string, digits int) (n int, rest string) {
	i := 0
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		if i == digits {
			return -1, s
		}
		n = n*10 + int(s[i]-'0')
	}
	if i != digits {
		return -1, s
	}
	return n, s[i:]
}

// monthOf reads "1" to "12" and "01" to "09"; 0 is anything else.
func monthOf(s string) int {
	for digits := 1; digits <= 2; digits++ {
		if n, rest := number(s, digits); n >= 1 && n <= 12 && rest == "" {
			return n
		}
	}
	return 0
}
