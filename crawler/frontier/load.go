package frontier

// load reads every known URL: pending ones into their hosts' queues in order of discovery, and, if seen says so, all into the
// seen-set.
func (d *Durable) load(seen bool) error {
	if err := d.loadOrigins(); err != nil {
		return err
	}
	var h *hasher
	if seen {
		var err error
		if h, err = d.newHasher(); err != nil {
			return err
		}
	}
	err := d.sched.reset(func(pend func(*host, job), done func(*host, bool)) error {
		return d.eachBlock(h, func(b *block) { b.queue(pend, done) })
	})
	if err == nil && seen {
		d.takeSeen(h)
	}
	return err
}

// loadSeen reads all into the seen-set, and nothing else.
func (d *Durable) loadSeen() error {
	h, err := d.newHasher()
	if err != nil {
		return err
	}
	if err := d.eachBlock(h, func(*block) {}); err != nil {
		return err
	}
	d.takeSeen(h)
	return nil
}

func (d *Durable) takeSeen(h *hasher) {
	d.seenMu.Lock()
	d.seen = h.seen
	d.seenMu.Unlock()
	d.nextID = h.next
}

// block is a number of URLs as the store has them, in the order of discovery. Nobody changes it once it is full.
type block struct {
	origins []origin
	paths   []byte // of all of them
	urls    []stored
}

// stored is one URL of a block.
type stored struct {
	job
	origin uint32
	end    uint32 // of its path in paths
	done   bool   // in this run
	page   bool
}

const blockURLs = 4096

// queue gives the URLs of a block to a scheduler.
func (b *block) queue(pend func(*host, job), done func(*host, bool)) {
	for i := range b.urls {
		u := &b.urls[i]
		if h := b.origins[u.origin].host; u.done {
			done(h, u.page)
		} else {
			pend(h, u.job)
		}
	}
}

// eachBlock reads all URLs, calls use with them block by block, and gives them to h as well unless it is nil. Reading, use and h are at
// work at the same time; all have ended when eachBlock returns.
func (d *Durable) eachBlock(h *hasher, use func(*block)) error {
	d.origins.mu.RLock()
	origins := d.origins.all
	d.origins.mu.RUnlock()
	blocks := make(chan *block, 4)
	var err error
	go func() {
		defer close(blocks)
		err = d.readBlocks(origins, blocks)
	}()
	h.start()
	for b := range blocks { // to its end: only the reader closes it
		h.add(b)
		use(b)
	}
	h.finish()
	return err
}

// readBlocks sends every URL of the store.
func (d *Durable) readBlocks(origins []origin, blocks chan<- *block) error {
	epoch := d.epoch.Load()
	b := &block{origins: origins}
	err := d.eachURL(func(id uint32, rec, res []byte) error {
		r, path, err := decodeHead(rec)
		if err != nil || int64(r.origin) >= int64(len(origins)) || id >= maxID-1 {
			return errDamaged
		}
		u := stored{job: r.job(id), origin: r.origin}
		if res != nil {
			end, err := decodeResultHead(res)
			if err != nil {
				return err
			}
			u.done, u.page = end.doneIn(epoch), end.page
		}
		b.paths = append(b.paths, path...)
		u.end = uint32(len(b.paths))
		if b.urls = append(b.urls, u); len(b.urls) == blockURLs {
			blocks <- b
			b = &block{origins: origins, paths: make([]byte, 0, len(b.paths)+len(b.paths)/8), urls: make([]stored, 0, blockURLs)}
		}
		return nil
	})
	if len(b.urls) > 0 {
		blocks <- b
	}
	return err
}
