package framing

// heads reads heads up to and with the final one. On return f is behind it, or b is used up.
func (f *Framer) heads(b []byte) (n int, err error) {
	for n < len(b) {
		k, whole, err := f.oneHead(b[n:])
		n += k
		if err != nil || (whole && f.state != inHead) {
			return n, err
		}
	}
	return n, nil
}

// oneHead reads one head, or as much of it as there is.
func (f *Framer) oneHead(b []byte) (n int, whole bool, err error) {
	if f.carry != nil && len(f.carry.buf) > 0 {
		return f.goOn(b)
	}
	n, m := f.known(b)
	if n == 0 || int(f.headUsed)+n > maxHead {
		return f.oddHead(b)
	}
	return n, true, f.headEnd(b[:n], m)
}

// known reads the head that begins b, if it is canonical, or returns 0.
func (f *Framer) known(b []byte) (int, message) {
	if f.Memo == nil {
		return canonical(b)
	}
	n, m := f.Memo.recall(b)
	if n == 0 {
		if n, m = canonical(b); n > 0 {
			f.Memo.learn(b[:n], m)
		}
	}
	return n, m
}

// oddHead reads a head that is not whole, too large or not written as usual.
func (f *Framer) oddHead(b []byte) (n int, whole bool, err error) {
	var s scan
	end, err := s.find(b, maxHead-int(f.headUsed))
	if err != nil {
		return 0, false, err
	}
	if end == 0 {
		if f.carry == nil {
			f.carry = new(carry)
		}
		f.carry.buf, f.carry.scan = append(f.carry.buf[:0], b...), s
		return len(b), false, nil
	}
	m, err := judge(b[:end])
	if err != nil {
		return end, false, err
	}
	return end, true, f.headEnd(b[:end], m)
}

// goOn reads more of a head that began in an earlier piece.
func (f *Framer) goOn(b []byte) (n int, whole bool, err error) {
	c := f.carry
	n, whole, err = c.add(b, maxHead-int(f.headUsed))
	if err != nil || !whole {
		return n, false, err
	}
	k, m := canonical(c.buf)
	if k != len(c.buf) {
		if m, err = judge(c.buf); err != nil {
			return n, false, err
		}
	}
	return n, true, f.headEnd(c.buf, m)
}

// headEnd does what the message m asks for, whose head is whole.
func (f *Framer) headEnd(head []byte, m message) error {
	if m.status < 200 {
		return f.interimEnd(len(head), m)
	}
	f.status, f.close = m.status, m.close
	if f.KeepHead {
		f.keep(head)
	} else if f.carry != nil {
		f.carry = f.carry.reset(false)
	}
	switch {
	case f.bodiless || m.status == 204 || m.status == 304:
		if m.status == 204 && (m.chunked || m.length > 0) {
			f.close = true // it announces a body that it must not have, and may send it
		}
		f.state = finished
	case m.chunked:
		f.state = inSize
	case m.length > 0:
		f.left, f.state = m.length, inBody
	case m.length == 0:
		f.state = finished
	default:
		f.state = inRest // End sets close
	}
	return nil
}

// interimEnd skips an interim response.
func (f *Framer) interimEnd(size int, m message) error {
	if m.status == 101 {
		return errSwitch
	}
	if f.interim++; f.interim > maxInterim {
		return ErrInterim
	}
	f.headUsed += int32(size)
	if f.carry != nil {
		f.carry = f.carry.reset(f.KeepHead)
	}
	return nil
}

// keep makes head what Head returns.
func (f *Framer) keep(head []byte) {
	if f.carry == nil {
		f.carry = new(carry)
	}
	if c := f.carry; len(c.buf) != len(head) || &c.buf[0] != &head[0] {
		c.buf = append(c.buf[:0], head...)
	}
}
