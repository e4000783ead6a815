package extract

import (
	"strings"
	"time"
)

// monthNames has the names of months in English (short ones too), German, French, Spanish, Italian, Dutch and Portuguese. No
// name stands for two months.
var monthNames = months(
	"january february march april may june july august september october november december",
	"jan feb mar apr may jun jul aug sep oct nov dec",
	"januar februar märz april mai juni juli august september oktober november dezember",
	"jänner feber",
	"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
	"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
	"januari februari maart april mei juni juli augustus september oktober november december",
	"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
)

func months(languages ...string) map[string]time.Month {
	names := map[string]time.Month{"sept": time.September}
	for _, words := range languages {
		for i, name := range strings.Fields(words) {
			names[name] = time.Month(i + 1)
		}
	}
	return names
}

// weekdays are the names in the same languages, with blanks around each.
const weekdays = " monday tuesday wednesday thursday friday saturday sunday" +
	" mon tue tues wed thu thur thurs fri sat sun" +
	" montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so" +
	" lundi mardi mercredi jeudi vendredi samedi dimanche" +
	" lunes martes miércoles jueves viernes sábado domingo" +
	" lunedì martedì mercoledì giovedì venerdì sabato domenica" +
	" maandag dinsdag woensdag donderdag vrijdag zaterdag zondag" +
	" segunda terça quarta quinta sexta "

func isDayName(word string) bool { return strings.Contains(weekdays, " "+word+" ") }

// zoneOffset knows the names of RFC 5322, section 4.3, and those of Europe and Japan that mean one zone only, in lower case.
func zoneOffset(name string) (seconds int, ok bool) {
	const hour = 3600
	switch name {
	case "z", "ut", "utc", "gmt", "wet":
		return 0, true
	case "est", "cdt":
		return -5 * hour, true
	case "edt":
		return -4 * hour, true
	case "cst", "mdt":
		return -6 * hour, true
	case "mst", "pdt":
		return -7 * hour, true
	case "pst":
		return -8 * hour, true
	case "cet", "mez", "west":
		return 1 * hour, true
	case "cest", "mesz", "eet":
		return 2 * hour, true
	case "eest", "msk":
		return 3 * hour, true
	case "jst":
		return 9 * hour, true
	}
	return 0, false
}
