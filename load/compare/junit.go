package compare

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tandem/internal/units"
)

// The elements and attributes are those on which the two schemas in use agree: Jenkins' junit-10.xsd and the JUnit.xsd of Ant's report.
type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	ID         int             `xml:"id,attr"`
	Package    string          `xml:"package,attr"`
	Name       string          `xml:"name,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        string          `xml:"system-out"`
	Err        string          `xml:"system-err"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitProblem `xml:"skipped"`
	Failure *junitProblem `xml:"failure"`
}

type junitProblem struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit prints r as JUnit XML: a testcase for each metric. One that decides fails when it is worse, and when it is unclear if strict; an unclear
// one is skipped otherwise. Bytes that XML cannot hold are shown escaped.
func (r *Report) JUnit(w io.Writer, strict bool) error {
	const suite = "fetch compare"
	seconds := strconv.FormatFloat(r.B.Duration, 'f', 3, 64)
	s := junitSuite{
		Package: suite, Name: suite, Hostname: "localhost", Timestamp: r.B.Started.UTC().Format("2006-01-02T15:04:05"), Time: seconds,
		Properties: []junitProperty{{"a", units.Escape(r.A.Name)}, {"b", units.Escape(r.B.Name)}, {"verdict", string(r.Verdict)}, {"method", r.Head()}},
		Out:        r.Conclusion, Err: units.Escape(strings.Join(r.Warnings, "; ")),
	}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		c := junitCase{Name: m.Name, Class: suite, Time: "0"}
		switch m.outcome(strict) {
		case "failure":
			s.Failures++
			c.Failure = &junitProblem{Type: string(m.Verdict), Message: m.line(), Text: m.detail()}
		case "skipped":
			s.Skipped++
			c.Skipped = &junitProblem{Message: m.line()}
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	b, err := xml.MarshalIndent(junitSuites{Suite: s}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit report: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}

// outcome is what a testcase is: "failure", "skipped" or "", passed.
func (m *Metric) outcome(strict bool) string {
	switch {
	case m.Gate && (m.Verdict == Worse || strict && m.Verdict == Unclear):
		return "failure"
	case m.Verdict == Unclear:
		return "skipped"
	}
	return ""
}

// line says everything about m on one line.
func (m *Metric) line() string {
	text := fmt.Sprintf("%s: %s (%s)", m.Verdict, m.FormatChange(), m.FormatInterval())
	if m.Reason != "" {
		text += ": " + m.Reason
	}
	return text
}

func (m *Metric) detail() string {
	return fmt.Sprintf("%s: A %s, B %s, change %s, interval %s", m.Name, m.FormatValue(m.A), m.FormatValue(m.B), m.FormatChange(), m.FormatInterval())
}
