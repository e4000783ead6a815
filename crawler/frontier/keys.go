package frontier

import "encoding/binary"

// The store's keys, by their first byte. URLs and origins are numbered in the order of their discovery, so that the store is written
// nearly in the order of its keys and a compaction has little to do.
//
//	m <name>                      small strings of the crawler; m \x00 <name> is the frontier's own
//	o <origin BE4>                scheme://host[:port]
//	u <id BE4>                    the link by which a URL became known, see record.go
//	d <id BE4>                    how its fetch ended, see result.go
//	l <id BE4>                    the links of a page, see links.go
//	i <id BE4>                    the items of a page, see items.go
//	s <segment> \x00 <offset BE8> done mark: the id of the URL whose record lies there
//	k <16-byte URL key>           the id of a URL that memory has no room for, see seen.go
const (
	metaSpace   = 'm'
	originSpace = 'o'
	urlSpace    = 'u'
	resultSpace = 'd'
	linkSpace   = 'l'
	itemSpace   = 'i'
	markSpace   = 's'
	indexSpace  = 'k'
)

// The frontier's own strings.
const (
	metaFormat   = "\x00format"
	metaEpoch    = "\x00epoch"
	metaCounters = "\x00counters"
	metaIndexed  = "\x00indexed" // the first id that has an entry of indexSpace, as all later ones have
)

const format = "2" // of the whole store

func metaKey(name string) []byte { return append([]byte{metaSpace}, name...) }

// idKey is the key of what a space holds of a URL or an origin.
func idKey(space byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{space}, id)
}

// splitID is the inverse of idKey.
func splitID(key []byte) (uint32, error) {
	if len(key) != 5 {
		return 0, errDamaged
	}
	return binary.BigEndian.Uint32(key[1:]), nil
}

// idValue is an id as a value.
func idValue(id uint32) []byte { return binary.BigEndian.AppendUint32(nil, id) }

func parseID(value []byte) (uint32, error) {
	if len(value) != 4 {
		return 0, errDamaged
	}
	return binary.BigEndian.Uint32(value), nil
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
