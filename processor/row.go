package processor

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// row is one record that becomes a row: what the index says of it, and the key
// of its result. A run's rows are held in memory, some 400 bytes each beside
// URL and alt text.
type row struct {
	id      string // URL, or path of a file
	isPath  bool
	task    string // "" for a row that can only be gone
	key     Key
	digest  Digest
	revisit bool
	fetched int64 // Unix milliseconds; 0 unknown
	status  int
	depth   int
	segment string // file name within the archive; "" for files
	offset  int64
	media   string
	via     string
	alt     string
	columns map[string]string

	source string // path of the WARC file, for messages
	change change
}

// change is how a URL differs from the run before.
type change string

const (
	changeNew       change = "new"
	changeChanged   change = "changed"
	changeUnchanged change = "unchanged"
	changeGone      change = "gone"
)

// past is what is known of a URL from the runs before.
type past struct {
	task   string
	media  string
	digest Digest
	gone   bool
}

// history is the state of every URL of an archive after the runs so far: some
// 200 bytes each.
type history map[string]past

// settle sorts a run's rows by URL, leaves one per URL, and says how each
// differs from the past, which it then brings up to date. Error pages of URLs
// that never had a row are left out; their number is returned.
func settle(rows []row, past history) (settled []row, dropped int) {
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(a.fetched, b.fetched),
			strings.Compare(a.source, b.source), cmp.Compare(a.offset, b.offset))
	})
	settled = rows[:0]
	for i := 0; i < len(rows); {
		end := i + 1
		for end < len(rows) && rows[end].id == rows[i].id {
			end++
		}
		r := choose(rows[i:end])
		i = end
		if past.judge(&r) {
			settled = append(settled, r)
		} else {
			dropped++
		}
	}
	return settled, dropped
}

// choose picks the row of a URL: the last with content, else the last.
func choose(same []row) row {
	for i := len(same) - 1; i >= 0; i-- {
		if same[i].task != "" {
			return same[i]
		}
	}
	return same[len(same)-1]
}

// judge fills in the change of a row and remembers it. It reports false for an
// error page of a URL that had no row.
func (h history) judge(r *row) bool {
	before, known := h[r.id]
	switch {
	case r.task == "" && !known:
		return false
	case r.task == "":
		r.change, r.task = changeGone, before.task
		before.gone = true
		h[r.id] = before
		return true
	case known && !before.gone && before.digest == r.digest, !known && r.revisit && r.status == 304:
		r.change = changeUnchanged
	case known:
		r.change = changeChanged
	default:
		r.change = changeNew
	}
	h[r.id] = past{task: r.task, media: r.media, digest: r.digest}
	return true
}

// when is a time in the form of rows; the zero time is 0.
func when(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
