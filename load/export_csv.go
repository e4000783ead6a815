package load

import (
	"encoding/csv"
	"io"
	"strconv"
)

// WriteCSV prints the series as CSV (RFC 4180): a line of column names, then a line a second. Columns are named like the keys of
// load.json with their units, and are all numbers; times are in milliseconds.
func (r *Result) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	err := c.Write([]string{"t_s", "length_s", "planned", "sent", "completed", "failed", "bytes_in", "response_p50_ms", "response_p90_ms",
		"response_p99_ms", "response_max_ms", "service_p50_ms", "service_p99_ms"})
	if err != nil {
		return err
	}
	for _, s := range r.Series {
		line := []string{decimal(s.T), decimal(s.Length)}
		for _, n := range [...]int64{s.Planned, s.Sent, s.Completed, s.Failed, s.BytesIn} {
			line = append(line, strconv.FormatInt(n, 10))
		}
		for _, t := range [...]Milliseconds{s.P50, s.P90, s.P99, s.Max, s.ServiceP50, s.ServiceP99} {
			line = append(line, decimal(float64(t)))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
