package frontier

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var recordCmp = cmp.Options{cmp.AllowUnexported(record{}, result{}, place{}), cmpopts.EquateEmpty()}

func sampleRecords() []*record {
	return []*record{
		{uri: "/"},
		{
			origin: maxID - 1, depth: 3, redirects: 2, requisite: true, seed: true, uri: "/u?q", via: "v", alt: "a", sitemap: ListedSitemap,
			columns: map[string]string{"k": "v", "": "x"},
		},
		{uri: "u", viaID: maxID - 1, alt: "a"},
	}
}

func sampleResults() []*result {
	at := place{
		segment: "000001.warc.gz", offset: 1 << 40, length: 77, recordID: "urn:uuid:0189abcd-ef01-2345-6789-abcdef012345",
		digest: "sha256:" + strings.Repeat("0af9", 16), etag: `W/"e"`, modified: "Thu, 01 Jan 1970",
		date: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
	}
	odd := place{segment: "1", recordID: "urn:uuid:X189abcd-ef01-2345-6789-abcdef012345", digest: "sha256:" + strings.Repeat("0AF9", 16)}
	return []*result{
		{state: Failed, reason: "timeout"},
		{state: Stored, epoch: 9, status: 200, page: true, at: at, prior: &odd},
		{state: Stored, epoch: 1 << 60, status: 304, revisit: true, at: odd, prior: &at},
		{prior: &at},
		{state: Skipped},
	}
}

// roundTrip encodes v and decodes it again, whole, cut everywhere and with a byte too many.
func roundTrip[T interface{ encode([]byte) []byte }](t *testing.T, v T, decode func([]byte) (T, error)) {
	t.Helper()
	b := v.encode(nil)
	got, err := decode(b)
	if err != nil {
		t.Errorf("%+v: %v", v, err)
		return
	}
	if diff := cmp.Diff(v, got, recordCmp); diff != "" {
		t.Errorf("there and back (-want +got):\n%s", diff)
	}
	for n := range b {
		if _, err := decode(b[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for the whole", n, len(b))
		}
	}
	if _, err := decode(append(b, 0)); err == nil {
		t.Error("a byte too many is not noticed")
	}
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	for _, r := range sampleRecords() {
		roundTrip(t, r, decodeRecord)
	}
	for _, r := range sampleResults() {
		roundTrip(t, r, decodeResult)
	}
}

func FuzzRecord(f *testing.F) {
	for _, r := range sampleRecords() {
		f.Add(r.encode(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		again, err := decodeRecord(r.encode(nil))
		if err != nil {
			t.Fatalf("its own encoding: %v", err)
		}
		if diff := cmp.Diff(r, again, recordCmp); diff != "" {
			t.Errorf("decode, encode, decode (-want +got):\n%s", diff)
		}
		if head, path, err := decodeHead(b); err != nil || string(path) != r.uri || head.origin != r.origin {
			t.Errorf("head: %q %d %v", path, head.origin, err)
		}
	})
}

func FuzzResult(f *testing.F) {
	for _, r := range sampleResults() {
		f.Add(r.encode(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeResult(b)
		if err != nil {
			return
		}
		again, err := decodeResult(r.encode(nil))
		if err != nil {
			t.Fatalf("its own encoding: %v", err)
		}
		if diff := cmp.Diff(r, again, recordCmp); diff != "" {
			t.Errorf("decode, encode, decode (-want +got):\n%s", diff)
		}
		if head, err := decodeResultHead(b); err != nil || head.state != r.state || head.epoch != r.epoch || head.reason != r.reason {
			t.Errorf("head: %+v %v", head, err)
		}
	})
}

func FuzzLinks(f *testing.F) {
	f.Add(encodeLinks(nil, []uint32{0, 5, 5, 4, maxID}))
	f.Add([]byte{0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		var ids []uint32
		if err := eachLink(b, func(id uint32) { ids = append(ids, id) }); err != nil {
			return
		}
		want := slices.Compact(slices.Sorted(slices.Values(ids)))
		var got []uint32
		if err := eachLink(encodeLinks(nil, ids), func(id uint32) { got = append(got, id) }); err != nil || !slices.Equal(got, want) {
			t.Errorf("ids %v came back as %v, %v", want, got, err)
		}
	})
}

func FuzzMark(f *testing.F) {
	f.Add(markKey("000001.warc.gz", 5))
	f.Add([]byte{markSpace, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		segment, offset, err := splitMark(b)
		if err == nil && !slices.Equal(markKey(segment, offset), b) {
			t.Errorf("%q %d does not make %x", segment, offset, b)
		}
	})
}
