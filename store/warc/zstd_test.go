package warc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

func skippable(magic byte, data []byte) []byte {
	b := []byte{magic, 0x2a, 0x4d, 0x18}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

// plainRecords are the three records of testFile, each by itself.
func plainRecords(t testing.TB) (records [][]byte, want []string) {
	t.Helper()
	file, pos := testFile(t, "plain")
	for i, p := range pos {
		records = append(records, file[p.Offset:p.Offset+p.Length])
		want = append(want, string(testRecord(i+1).Block))
	}
	return records, want
}

func testDictionary(t testing.TB) []byte {
	t.Helper()
	var samples [][]byte
	for i := range 300 {
		samples = append(samples, []byte(strings.Repeat(fmt.Sprintf("WARC/1.1\r\nWARC-Type: response %d line of record %d\r\n", i*i, i), 3)))
	}
	d, err := zstd.BuildDict(zstd.BuildDictOptions{ID: 40_000, Contents: samples, History: []byte(strings.Repeat("WARC/1.1\r\nWARC-Type: resource\r\nline of record 1 2 3 4 5\r\n", 8)), Offsets: [3]int{1, 4, 8}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOtherPeoplesFrames reads what the format allows beside what this package writes.
func TestOtherPeoplesFrames(t *testing.T) {
	t.Parallel()
	records, want := plainRecords(t)
	dictionary := testDictionary(t)
	each := func(options ...zstd.EOption) (frames [][]byte) {
		for _, r := range records {
			frames = append(frames, packFrame(t, r, options...))
		}
		return frames
	}
	withDictionary := each(zstd.WithEncoderDict(dictionary))
	frames := each()
	split := func(i, at int) []byte {
		return append(packFrame(t, records[i][:at]), packFrame(t, records[i][at:])...)
	}
	for name, file := range map[string][]byte{
		"no checksum":           slices.Concat(each(zstd.WithEncoderCRC(false))...),
		"best":                  slices.Concat(each(zstd.WithEncoderLevel(zstd.SpeedBestCompression))...),
		"skippable between":     slices.Concat(frames[0], skippable(0x50, []byte("WARC/1.1\r\n")), skippable(0x5f, nil), frames[1], frames[2], skippable(0x51, []byte("end"))),
		"empty frames":          slices.Concat(packFrame(t, nil), frames[0], packFrame(t, nil), packFrame(t, nil), frames[1], frames[2], packFrame(t, nil)),
		"record in two frames":  slices.Concat(frames[0], split(1, 30), frames[2]),
		"cut in the block":      slices.Concat(split(0, len(records[0])-40), split(1, len(records[1])-4), split(2, len(records[2])-2)),
		"frames between frames": slices.Concat(frames[0], packFrame(t, records[1][:50]), skippable(0x52, []byte("x")), packFrame(t, records[1][50:]), frames[2]),
		"dictionary":            slices.Concat(skippable(0x5d, dictionary), slices.Concat(withDictionary...)),
		"packed dictionary":     slices.Concat(skippable(0x5d, packFrame(t, dictionary)), slices.Concat(withDictionary...)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range readAll(t, file, Limits{}) {
				if s.Damage != "" || s.At.Length <= 0 {
					t.Errorf("at %v: %s", s.At, s.Damage)
					continue
				}
				got = append(got, s.Block)
				if rec, err := ReadAt(bytes.NewReader(file), s.At, Limits{}); err != nil || string(rec.Block) != s.Block {
					t.Errorf("record at %v reads differently: %v", s.At, err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADictionaryThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	dictionary := testDictionary(t)
	records, _ := plainRecords(t)
	frames := packFrame(t, records[0], zstd.WithEncoderDict(dictionary))
	huge := skippable(0x5d, nil)
	binary.LittleEndian.PutUint32(huge[4:], maxWindow+1)
	for name, file := range map[string][]byte{
		"no dictionary": slices.Concat(skippable(0x5d, []byte("nothing of the kind")), frames),
		"too large":     slices.Concat(huge, make([]byte, maxWindow+1), frames),
		"bomb":          slices.Concat(skippable(0x5d, packFrame(t, make([]byte, maxWindow+1))), frames),
		"torn":          slices.Concat(skippable(0x5d, packFrame(t, dictionary)[:40]), frames),
	} {
		r := NewReader(bytes.NewReader(file), name, Limits{})
		_, err := r.Next()
		if !errors.Is(err, ErrDictionary) {
			t.Errorf("%s: %v", name, err)
		}
		at := int64(len(file) - len(frames))
		if _, err := ReadAt(bytes.NewReader(file), Position{at, int64(len(frames))}, Limits{}); !errors.Is(err, ErrDictionary) {
			t.Errorf("%s: read at: %v", name, err)
		}
	}
	without := readAll(t, frames, Limits{}) // its dictionary is elsewhere
	if len(without) != 1 || !strings.Contains(without[0].Damage, "dictionary") {
		t.Errorf("without its dictionary: %v", without)
	}
}

// TestFramesAreAsTheFormatWants: size and checksum in each, a window that every reader takes.
func TestFramesAreAsTheFormatWants(t *testing.T) {
	t.Parallel()
	e, err := NewEncoder(EncoderConfig{Compression: Zstd})
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, maxWindow+maxRaw/2)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	for _, block := range [][]byte{nil, []byte("small"), bytes.Repeat([]byte("text "), 300), bytes.Repeat([]byte("text "), 400_000), noise[:maxRaw], noise[:maxRaw+1], noise} {
		for _, stored := range []bool{false, true} {
			r := testRecord(1)
			r.Block, r.Stored = block, stored
			var out bytes.Buffer
			if _, err := e.Encode(&out, r); err != nil {
				t.Fatal(err)
			}
			var h zstd.Header
			if err := h.Decode(out.Bytes()); err != nil {
				t.Fatal(err)
			}
			window := max(h.WindowSize, h.FrameContentSize)
			if !h.SingleSegment {
				window = h.WindowSize
			}
			if !h.HasFCS || !h.HasCheckSum || h.DictionaryID != 0 || window > maxWindow {
				t.Errorf("%d bytes, stored %t: %+v", len(block), stored, h)
			}
			got := readAll(t, out.Bytes(), Limits{})
			if len(got) != 1 || got[0].Block != string(block) || got[0].At.Length != int64(out.Len()) {
				t.Errorf("%d bytes, stored %t: they read differently", len(block), stored)
			}
		}
	}
}

// TestAFrameDoesNotUnpackToTheEndOfTheWorld: 128 KiB of zeros take four bytes in a frame.
// Not parallel: it counts what the process allocates.
func TestAFrameDoesNotUnpackToTheEndOfTheWorld(t *testing.T) {
	records, want := plainRecords(t)
	bomb := func(start string) []byte {
		b := slices.Concat(frameMark, []byte{0x00, 56}) // 128 KiB window
		b = append(appendBlockHeader(b, len(start), false), start...)
		for range 200_000 { // 26 GB
			b = append(b, 0x02, 0x00, 0x10, '\n')
		}
		return append(b, 0x01, 0, 0)
	}
	large := packFrame(t, slices.Concat([]byte("WARC/1.1\r\nContent-Length: 2000000\r\n\r\n"), make([]byte, 2_000_000), trailer))
	endless := bomb("WARC/1.1\r\nContent-Length: 26214400000\r\n\r\n")
	file := slices.Concat(packFrame(t, records[0]), bomb("no record\n"), packFrame(t, records[1]), endless, large, packFrame(t, records[2]))
	before := memory()
	got := readAll(t, file, Limits{MaxBlock: 1 << 20})
	if len(got) != 6 || got[0].Block != want[0] || got[1].Damage == "" || got[2].Block != want[1] || got[5].Block != want[2] ||
		!strings.Contains(got[3].Damage, "size limit") || !strings.Contains(got[4].Damage, "size limit") {
		t.Errorf("got %v", got)
	}
	if after := memory(); after > before+allocations*64<<20 { // of 26 GB
		t.Errorf("%d MiB are allocated", (after-before)>>20)
	}
}

func memory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestManyFalseFramesTakeLinearTime: each of them asks to be looked at with a whole block.
func TestManyFalseFramesTakeLinearTime(t *testing.T) {
	t.Parallel()
	records, _ := plainRecords(t)
	head := slices.Concat(frameMark, []byte{0x00, 56, 0x04, 0x00, 0x10}) // a packed block of 128 KiB
	file := slices.Concat(packFrame(t, records[0]), bytes.Repeat(head, 4<<20/len(head)), packFrame(t, records[1]))
	counted := &countingReaderAt{file: bytes.NewReader(file)}
	r := NewReader(counted, "false", Limits{})
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		}
	}
	if most := int64(wasteLimit*3 + 64*len(file)); counted.n > most {
		t.Errorf("%d bytes are read of a file of %d", counted.n, len(file))
	}
}

type countingReaderAt struct {
	file io.ReaderAt
	n    int64
}

func (c *countingReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.file.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

func TestStrictWantsBothLineEnds(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"plain", "members", "frames"} {
		file, pos := testFile(t, layout)
		if got := readAll(t, file, Limits{Strict: true}); len(got) != 3 || got[2].Damage != "" {
			t.Errorf("%s: %v", layout, got)
		}
		if layout != "plain" {
			continue
		}
		for cut := int64(1); cut <= 4; cut++ {
			got := readAll(t, file[:pos[2].Offset+pos[2].Length-cut], Limits{Strict: true})
			if len(got) != 3 || got[1].Damage != "" || got[2].Damage == "" {
				t.Errorf("cut by %d: %v", cut, got)
			}
		}
	}
}
