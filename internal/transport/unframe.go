package transport

// framingBytes is what stood around the pieces of a payload, in order and without them.
type framingBytes struct {
	text   []byte
	pieces []piece
}

// piece is one chunk: how much framing stood before it, and its own size.
type piece struct{ before, size int }

// Framed reports that Body is not there yet: a chunked body of more than 1 MiB that was recorded is kept once, as Raw, with its payload
// in the framing. Unframe changes that.
func (r *Response) Framed() bool { return r.framed }

// Unframe makes Body the payload of a Framed response, in place: Raw is nil until Reframe. Other responses stay as they are.
func (r *Response) Unframe() {
	if !r.framed {
		return
	}
	raw := r.buf[r.HeadLen:]
	out := &framingBytes{}
	end, at := 0, 0
	for p := range pieces(raw, r.BodyLen) {
		begin := cap(raw) - cap(p)
		out.text = append(out.text, raw[at:begin]...)
		out.pieces = append(out.pieces, piece{begin - at, len(p)})
		at = begin + len(p)
		end += copy(raw[end:], p)
	}
	out.text = append(out.text, raw[at:]...)
	r.framed, r.framing, r.Raw, r.Body = false, out, nil, raw[:end:end]
}

// Reframe undoes Unframe: Raw is as it was received, and Body nil.
func (r *Response) Reframe() {
	if r.framing == nil {
		return
	}
	raw, text, end, at := r.buf[r.HeadLen:], r.framing.text, len(r.Body), len(r.buf)-r.HeadLen
	list := r.framing.pieces
	for _, p := range list {
		text = text[p.before:]
	}
	at -= copy(raw[at-len(text):], text)
	left := len(r.framing.text) - len(text)
	for i := len(list) - 1; i >= 0; i-- {
		size, before := list[i].size, list[i].before
		copy(raw[at-size:at], raw[end-size:end])
		at, end = at-size, end-size
		copy(raw[at-before:at], r.framing.text[left-before:left])
		at, left = at-before, left-before
	}
	r.framed, r.framing, r.Raw, r.Body = true, nil, r.buf, nil
}
