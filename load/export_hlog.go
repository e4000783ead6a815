package load

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tandem/load/recorder"
)

// WriteLog prints the series as a HdrHistogram interval log, version 1.3: two lines a second, tagged response and service, the latter
// also of a closed loop, where they are alike. Times in the log are nanoseconds, because its readers take them for these unless told
// otherwise; Interval_Max is in milliseconds. Microseconds that become nanoseconds move into other buckets: a quantile
// may differ from the one in load.json by 0.1 % more.
func (r *Result) WriteLog(w io.Writer) error {
	p := &printer{w: w}
	log := hdrhistogram.NewHistogramLogWriter(w)
	// The library's own StartTime and BaseTime lines round to seconds, and its interval lines to the millisecond of an absolute time.
	begun := float64(r.Started.UnixMilli()) / 1e3
	for _, err := range []error{
		log.OutputComment("[Times of a load run, in nanoseconds, tagged response (from the planned send) and service (from the real send)]"),
		log.OutputLogFormatVersion(),
	} {
		if err != nil {
			return err
		}
	}
	p.printf("#[StartTime: %.3f (seconds since epoch), %s]\n", begun, r.Started.UTC().Format(time.RFC3339Nano))
	p.printf("#[BaseTime: %.3f (seconds since epoch)]\n", begun)
	if p.err != nil {
		return p.err
	}
	if err := log.OutputLegend(); err != nil {
		return err
	}
	nanos := hdrhistogram.New(int64(recorder.Shortest), int64(recorder.Longest), recorder.Digits)
	for _, s := range r.Series {
		response := s.Response
		if response == "" {
			response = s.Service
		}
		for _, line := range [...]struct{ tag, encoded string }{{responseTimes, response}, {serviceTimes, s.Service}} {
			if err := inNanoseconds(nanos, line.encoded); err != nil {
				return fmt.Errorf("read histogram %q of second %v: %w", line.tag, s.T, err)
			}
			text, err := nanos.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
			if err != nil {
				return fmt.Errorf("encode histogram %q of second %v: %w", line.tag, s.T, err)
			}
			p.printf("Tag=%s,%.3f,%.3f,%.3f,%s\n", line.tag, s.T, s.Length, float64(nanos.Max())/float64(time.Millisecond), text)
		}
	}
	return p.err
}

// inNanoseconds fills h with what is encoded in microseconds, each bucket's samples at its middle.
func inNanoseconds(h *hdrhistogram.Histogram, encoded string) error {
	micros, err := hdrhistogram.Decode([]byte(encoded))
	if err != nil {
		return err
	}
	h.Reset()
	for _, b := range micros.Distribution() {
		if b.Count == 0 {
			continue
		}
		middle := (b.From + b.To) * int64(recorder.Shortest) / 2
		if err := h.RecordValues(min(middle, int64(recorder.Longest)), b.Count); err != nil {
			return err
		}
	}
	return nil
}
