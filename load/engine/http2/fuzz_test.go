package http2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	xh2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"tandem/internal/transport"
)

// FuzzFields holds the decoder against x/net's.
func FuzzFields(f *testing.F) {
	for _, s := range []string{"\x88", "\x20\x88", "\x08\x03201\x0f\x0d\x0212", "\x48\x03302", "\x88\x0f\x0d\x82\x64\x41", "\x88\x40\x01a\x01b\x10\x01c\x01d", "\x8b\x58\x07private", "\x88\xbe", "\x3f\xe1\x1f\x88"} {
		f.Add([]byte(s))
	}
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	enc.SetMaxDynamicTableSize(0)
	for _, kv := range [][2]string{{":status", "503"}, {"content-length", "1234567890"}, {"server", "nginx"}, {"x-long", strings.Repeat("y", 300)}} {
		_ = enc.WriteField(hpack.HeaderField{Name: kv[0], Value: kv[1]})
	}
	f.Add(bytes.Clone(b.Bytes()))
	f.Fuzz(func(t *testing.T, block []byte) {
		want, status, length, broken := reference(block)
		var full, quick head
		full.reset(true)
		quick.reset(false)
		b := full.parse(block)
		if b == errUpdate { // x/net lets it pass where it changes nothing
			return
		}
		if (b != nil) != broken && full.bad == nil { // once something is wrong, strings are not decoded any more
			t.Fatalf("%q: %v, want an error: %v", block, b, broken)
		}
		if b := quick.parse(block); b != nil && !broken {
			t.Fatalf("%q: %v", block, b.err)
		}
		if broken || full.bad != nil {
			return
		}
		if string(full.text) != want || full.status != status || full.length != length {
			t.Fatalf("%q: %q %d %d, want %q %d %d", block, full.text, full.status, full.length, want, status, length)
		}
		if quick.bad != nil || quick.status != status || quick.length != length {
			t.Fatalf("%q: quick %d %d %v, want %d %d", block, quick.status, quick.length, quick.bad, status, length)
		}
	})
}

// reference decodes a block of valid fields with x/net.
func reference(block []byte) (text string, status int, length int64, broken bool) {
	var b strings.Builder
	length = -1
	d := hpack.NewDecoder(0, func(f hpack.HeaderField) {
		switch f.Name {
		case ":status":
			_, _ = fmt.Sscanf(f.Value, "%d", &status)
			fmt.Fprintf(&b, "HTTP/2 %s\r\n", f.Value)
			return
		case "content-length":
			_, _ = fmt.Sscanf(f.Value, "%d", &length)
		}
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	})
	d.SetAllowedMaxDynamicTableSize(0)
	if _, err := d.Write(block); err != nil {
		return "", 0, 0, true
	}
	return b.String(), status, length, d.Close() != nil
}

// FuzzReader cuts a stream of frames at any place: the frames are the same, and those that x/net reads.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x00\x05\x00\x09\x00\x00\x00\x01\x01abc\x00\x00\x00\x08\x07\x00\x00\x00\x00\x0012345678"), byte(3))
	f.Add([]byte("\x00\x00\x00\x00\x01\x00\x00\x00\x01"), byte(1))
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"), byte(2))
	f.Fuzz(func(t *testing.T, stream []byte, cut byte) {
		whole, wrong := collect(t, bytes.NewReader(stream))
		pieces, wrongToo := collect(t, &chopped{stream, int(cut)%64 + 1})
		if whole != pieces || (wrong == nil) != (wrongToo == nil) {
			t.Fatalf("whole %s %v\nin pieces %s %v", whole, wrong, pieces, wrongToo)
		}
		fr := xh2.NewFramer(io.Discard, bytes.NewReader(stream))
		fr.SetMaxReadFrameSize(maxFrame)
		fr.AllowIllegalReads = true
		var b strings.Builder
		for {
			frame, err := fr.ReadFrame()
			if err != nil {
				break
			}
			h := frame.Header()
			if data, ok := frame.(*xh2.DataFrame); ok {
				fmt.Fprintf(&b, "%d %d %d %q\n", h.Type, h.Flags, h.StreamID, data.Data())
				continue
			}
			fmt.Fprintf(&b, "%d %d %d\n", h.Type, h.Flags, h.StreamID)
		}
		if !strings.HasPrefix(whole, b.String()) {
			t.Fatalf("%s\nx/net reads\n%s", whole, b.String())
		}
	})
}

type chopped struct {
	rest []byte
	size int
}

func (c *chopped) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

// collect prints all whole frames of src.
func collect(t *testing.T, src io.Reader) (text string, wrong *broken) {
	var r reader
	var b, body strings.Builder
	var f frame
	flow := 0
	for {
		_, err := r.fill(src)
		for {
			ok, wrong := r.next(&f)
			if wrong != nil {
				return b.String(), wrong
			}
			if !ok {
				break
			}
			if f.kind != kindData {
				fmt.Fprintf(&b, "%d %d %d\n", f.kind, f.flags, f.stream)
				continue
			}
			body.Write(f.payload)
			if flow += f.flow; f.last {
				fmt.Fprintf(&b, "%d %d %d %q\n", f.kind, f.flags, f.stream, body.String())
				if pad := flow - body.Len(); pad < 0 || pad > 256 || pad > 0 && !f.has(flagPadded) {
					t.Fatalf("%d flow-controlled bytes, %d of body", flow, body.Len())
				}
				body.Reset()
				flow = 0
			}
		}
		if err != nil {
			return b.String(), nil
		}
	}
}

// FuzzServer has a server say anything: the run ends, and every send has one sample.
func FuzzServer(f *testing.F) {
	greeting := "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	f.Add([]byte(greeting+"\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88\x00\x00\x01\x01\x05\x00\x00\x00\x03\x88"), byte(2))
	f.Add([]byte(greeting+"\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88\x00\x00\x02\x00\x01\x00\x00\x00\x01hi"), byte(1))
	f.Add([]byte(greeting+"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), byte(3))
	f.Add([]byte(greeting+"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x07"), byte(1))
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"), byte(1))
	f.Fuzz(func(t *testing.T, said []byte, streams byte) {
		dialled := 0
		e := New(Config{Streams: int(streams)%8 + 1, Dial: func(context.Context, transport.Target, bool, *transport.Timing) (net.Conn, error) {
			if dialled++; dialled > 1 {
				return nil, errors.New("only once")
			}
			ours, theirs := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			go func() {
				_, _ = theirs.Write(said)
				_ = theirs.Close()
			}()
			return ours, nil
		}})
		defer e.Close()
		source := get(t, "http://h:1/")
		source.check = func(status int, head, _ []byte) int {
			if !bytes.HasPrefix(head, fmt.Appendf(nil, "HTTP/2 %d\r\n", status)) {
				t.Errorf("status %d, head %q", status, head)
			}
			return -1
		}
		o := perform(context.Background(), t, e, &load{source: source, total: 4, connections: 1, timeout: 10 * time.Second})
		if o.Counts.Completed+o.Counts.Failed != 4 || o.took > 9*time.Second {
			t.Errorf("%+v, %v after %v", o.Counts, o.Errors, o.took)
		}
	})
}
