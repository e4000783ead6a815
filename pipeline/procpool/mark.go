package procpool

import (
	"fmt"
	"math"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// mark is one page of memory that a worker shares with its pool: it says which call is in hand. It outlives the worker,
// costs no system call, and so tells after any death whose strike it is. Its file has no name and is descriptor 5 of the
// worker.
type mark struct {
	page []byte
	w    *markWords
	base time.Time // moment that start counts from: when the worker was ready
}

type markWords struct {
	id    atomic.Uint64 // call in hand, 0 if none
	start atomic.Int64  // when it began, nanoseconds after base; written before id
	rss   atomic.Int64  // memory held when the worker last looked, bytes
}

const markSize = 4096

// newMarkFile makes the file behind a mark: in memory where there is a place for that.
func newMarkFile() (*os.File, error) {
	f, err := os.CreateTemp("/dev/shm", "tandem-mark-*")
	if err != nil {
		f, err = os.CreateTemp("", "tandem-mark-*")
	}
	if err != nil {
		return nil, fmt.Errorf("create worker mark: %w", err)
	}
	err = os.Remove(f.Name())
	if err == nil {
		_, err = f.Write(make([]byte, markSize)) // really allocated: a full disk shows here
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("create worker mark: %w", err)
	}
	return f, nil
}

func mapMark(fd uintptr) (*mark, error) {
	page, err := syscall.Mmap(int(fd), 0, markSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map worker mark: %w", err)
	}
	return &mark{page: page, w: (*markWords)(unsafe.Pointer(&page[0])), base: time.Now()}, nil
}

func (m *mark) unmap() error { return syscall.Munmap(m.page) }

// begin says that the call is in hand from now on.
func (m *mark) begin(id uint64) {
	m.w.start.Store(int64(time.Since(m.base)))
	m.w.id.Store(id)
}

// answered says that the call in hand has been computed: it takes no more time, but a death is still its own until its
// answer is written or the next one begins.
func (m *mark) answered() { m.w.start.Store(math.MaxInt64) }

// end says that no call is in hand.
func (m *mark) end() { m.w.id.Store(0) }

// inHand returns the call in hand, 0 if none, and for how long it has been.
func (m *mark) inHand() (id uint64, age time.Duration) {
	id = m.w.id.Load()
	start := time.Duration(m.w.start.Load())
	if id == 0 || id != m.w.id.Load() {
		return 0, 0
	}
	return id, max(0, time.Since(m.base)-start)
}
