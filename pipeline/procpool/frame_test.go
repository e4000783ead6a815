package procpool

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tandem/pipeline"
)

func TestFrameRoundTrip(t *testing.T) {
	t.Parallel()
	frames := []frame{
		{frameHello, 0, []byte(`{"protocol":1}`)},
		{frameCall, 1, []byte("x")},
		{frameDropped, 1 << 60, nil},
		{frameResult, 2, bytes.Repeat([]byte("y"), 3<<20)},
		{frameRecycle, 0, nil},
	}
	var stream []byte
	for _, f := range frames {
		stream = appendFrame(stream, f)
	}
	for name, r := range map[string]io.Reader{
		"whole":        bytes.NewReader(stream),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(stream)),
	} {
		fr := newFrameReader(r, 4<<20)
		for i, want := range frames {
			got, err := fr.next()
			if err != nil || got.kind != want.kind || got.id != want.id || !bytes.Equal(got.body, want.body) {
				t.Errorf("%s: frame %d: got type %d, id %d, %d bytes, %v", name, i, got.kind, got.id, len(got.body), err)
			}
		}
		if _, err := fr.next(); err != io.EOF {
			t.Errorf("%s: at the end: got %v, want io.EOF", name, err)
		}
	}
}

func TestGarbledStream(t *testing.T) {
	t.Parallel()
	good := appendFrame(nil, frame{frameResult, 7, []byte("payload")})
	for name, b := range map[string][]byte{
		"ends in the head":    good[:5],
		"ends in the payload": good[:len(good)-1],
		"too short":           {0, 0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0},
		"too long":            {0x7f, 0xff, 0xff, 0xff, 6, 0, 0, 0, 0, 0, 0, 0, 0},
		"type 0":              {0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"unknown type":        {0, 0, 0, 9, 99, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, err := newFrameReader(bytes.NewReader(b), 1<<20).next(); !errors.Is(err, errFrame) {
			t.Errorf("%s: got %v, want errFrame", name, err)
		}
	}
}

func TestCallRoundTrip(t *testing.T) {
	t.Parallel()
	for _, want := range []callBody{
		{task: 3, input: []byte("in")},
		{task: 0, deadline: 1 << 62, input: []byte{}},
		{task: 1, ref: &pipeline.Ref{Path: "a/b c", Off: 1 << 40, Len: 7}, input: []byte("in")},
	} {
		b := append(appendCallMeta(nil, int(want.task), want.deadline, want.ref), want.input...)
		got, err := parseCall(b)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(callBody{})); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAnswerRoundTrip(t *testing.T) {
	t.Parallel()
	for _, want := range []error{
		nil,
		&pipeline.TaskError{Task: "t", Msg: "no"},
		&pipeline.TaskError{Task: "t", Msg: "late", Cause: context.DeadlineExceeded},
		&pipeline.TaskError{Task: "t", Msg: "over", Cause: context.Canceled},
		&pipeline.PanicError{Task: "t", Value: "boom", Stack: "here\nthere"},
	} {
		f, err := newFrameReader(bytes.NewReader(appendAnswer(nil, 9, []byte("value"), want)), 1<<20).next()
		if err != nil {
			t.Fatal(err)
		}
		value, got, bad := parseAnswer(f, "t", 0)
		if bad != nil || f.id != 9 || (want == nil) != (string(value) == "value") {
			t.Errorf("%v: value %q, id %d, %v", want, value, f.id, bad)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
			if want == nil || got == nil || want.Error() != got.Error() || !errors.Is(got, errors.Unwrap(want)) && errors.Unwrap(want) != nil {
				t.Error(diff)
			}
		}
	}
	long := &pipeline.TaskError{Task: "t", Msg: strings.Repeat("x", 10<<20)}
	if b := appendAnswer(nil, 1, nil, long); len(b) > maxErrorText+100 {
		t.Errorf("an error of 10 MB takes %d bytes", len(b))
	}
}

func TestHelloNamesBothSides(t *testing.T) {
	t.Parallel()
	h := hello{Protocol: 1, Tasks: []pipeline.TaskSpec{{Name: "text", Version: 2}}}
	for _, c := range []struct {
		protocol int
		tasks    []pipeline.TaskSpec
		want     string
	}{
		{1, []pipeline.TaskSpec{{Name: "text", Version: 2}, {Name: "more", Version: 1}}, ""},
		{2, nil, "the pool speaks protocol 1, the worker protocol 2"},
		{1, []pipeline.TaskSpec{{Name: "text", Version: 3}}, `task "text": the pool has version 2, the worker version 3`},
		{1, nil, `task "text": the pool has version 2, the worker does not have it`},
	} {
		got := ""
		if err := h.check(c.protocol, c.tasks); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(appendFrame(nil, frame{frameCall, 1, []byte("\x00\x00\x00in")}), frame{frameFailed, 2, []byte("\x01no")}))
	f.Add(appendFrame(nil, frame{framePanicked, 3, []byte("\x04boomstack")}))
	f.Add([]byte{0, 0, 0, 9, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 6})
	f.Fuzz(func(t *testing.T, stream []byte) {
		fr := newFrameReader(bytes.NewReader(stream), 1<<20)
		var again []byte
		for {
			got, err := fr.next()
			if err != nil {
				if err != io.EOF && !errors.Is(err, errFrame) {
					t.Fatalf("unexpected error %v", err)
				}
				break
			}
			again = appendFrame(again, got)
			if c, err := parseCall(got.body); err == nil && len(c.input) > len(got.body) {
				t.Fatal("an input larger than its call")
			}
			if _, _, bad := parseAnswer(got, "t", 1); bad != nil && !errors.Is(bad, errFrame) {
				t.Fatalf("unexpected error %v", bad)
			}
		}
		if !bytes.HasPrefix(stream, again) {
			t.Fatal("frames read are not the stream's bytes")
		}
	})
}
