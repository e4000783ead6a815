package frontier

import (
	"encoding/binary"

	"tandem/crawler/weburl"
)

// The store's keys, by their first byte:
//
//	m <name>                      small strings of the crawler; m \x00 <name> is the frontier's own
//	u <16-byte URL key>           the record of a URL, see record.go
//	l <16-byte URL key>           the links of a page, see links.go
//	i <16-byte URL key>           the items of a page, see items.go
//	s <segment> \x00 <offset BE8> done mark: the URL key whose record lies there
//	g <digest>                    first stored record of a payload
const (
	metaSpace   = 'm'
	urlSpace    = 'u'
	linkSpace   = 'l'
	itemSpace   = 'i'
	markSpace   = 's'
	digestSpace = 'g'
)

// The frontier's own strings.
const (
	metaFormat   = "\x00format"
	metaEpoch    = "\x00epoch"
	metaCounters = "\x00counters"
)

const format = "1" // of the whole store

func metaKey(name string) []byte     { return append([]byte{metaSpace}, name...) }
func digestKey(digest string) []byte { return append([]byte{digestSpace}, digest...) }

func urlKey(space byte, k weburl.Key) []byte {
	b := make([]byte, 0, 1+len(k))
	return append(append(b, space), k[:]...)
}

// markKey orders the marks of a segment by offset. A segment is a file name: it holds no zero byte.
func markKey(segment string, offset int64) []byte {
	return binary.BigEndian.AppendUint64(segmentStart(segment), uint64(offset))
}

func segmentStart(segment string) []byte {
	b := make([]byte, 0, 1+len(segment)+1+8)
	b = append(append(b, markSpace), segment...)
	return append(b, 0)
}

// segmentEnd is the first key behind all marks of segment.
func segmentEnd(segment string) []byte {
	b := segmentStart(segment)
	b[len(b)-1] = 1
	return b
}

// splitMark is the inverse of markKey.
func splitMark(key []byte) (segment string, offset int64, err error) {
	if len(key) < 1+1+8 || key[0] != markSpace || key[len(key)-9] != 0 {
		return "", 0, errDamaged
	}
	n := len(key) - 8
	return string(key[1 : n-1]), int64(binary.BigEndian.Uint64(key[n:])), nil
}

func spaceStart(space byte) []byte { return []byte{space} }
func spaceEnd(space byte) []byte   { return []byte{space + 1} }
