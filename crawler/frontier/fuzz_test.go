package frontier

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var recordCmp = cmp.Options{cmp.AllowUnexported(record{}, place{}), cmpopts.EquateEmpty()}

func sampleRecords() []*record {
	at := place{
		segment: "000001.warc.gz", offset: 1 << 40, length: 77, recordID: "urn:uuid:x", digest: "sha256:ab", etag: `W/"e"`,
		modified: "Thu, 01 Jan 1970", date: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
	}
	return []*record{
		{url: "http://a.example/"},
		{id: maxID - 1, depth: 3, redirects: 2, requisite: true, seed: true, url: "u", via: "v", alt: "a", columns: map[string]string{"k": "v", "": "x"}},
		{url: "u", state: Stored, epoch: 9, status: 200, page: true, at: at, prior: at.prior("other")},
		{url: "u", state: Failed, reason: "timeout"},
		{url: "u", prior: at.prior("u")},
	}
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	for _, r := range sampleRecords() {
		b := r.encode(nil)
		got, err := decodeRecord(b)
		if err != nil {
			t.Errorf("%+v: %v", r, err)
			continue
		}
		if diff := cmp.Diff(r, got, recordCmp); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
		for n := range b {
			if _, err := decodeRecord(b[:n]); err == nil {
				t.Errorf("%d of %d bytes are taken for a record", n, len(b))
			}
		}
		if _, err := decodeRecord(append(b, 0)); err == nil {
			t.Error("a byte too many is not noticed")
		}
		b[0]++
		if _, err := decodeRecord(b); err == nil {
			t.Error("a record of the next version is read")
		}
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
		var head record
		if url, err := decodeHead(b, &head); err != nil || string(url) != r.url || head.id != r.id {
			t.Errorf("head: %q %d %v", url, head.id, err)
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
