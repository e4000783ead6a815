package fast

import "tandem/internal/transport"

// maxRendered bounds the rendered requests that a loop keeps, in bytes.
const maxRendered = 32 << 20

// renderer makes the bytes of requests, once for those that are always the same.
type renderer struct {
	shared   *shared
	renderer transport.Renderer
	kept     [][]byte // by target
	size     int
	req      transport.Request // of a template
	scratch  []byte            // the last request that is not kept
}

func (r *renderer) begin(s *shared) {
	if r.kept == nil {
		r.kept = make([][]byte, s.job.Source.Len())
		r.renderer.UserAgent = s.cfg.UserAgent
	}
	r.shared = s
}

// bytes returns the request of a flight, which must not be changed and is valid until the next call.
func (r *renderer) bytes(f *flight) []byte {
	if b := r.kept[f.target]; b != nil {
		return b
	}
	source := r.shared.job.Source
	req := source.Static(int(f.target))
	if req == nil {
		source.Fill(f.send.Index, int(f.target), &r.req)
		req = &r.req
	} else if r.size < maxRendered {
		b := r.renderer.Append(nil, req)
		r.kept[f.target] = b
		r.size += len(b)
		return b
	}
	if cap(r.scratch) > readBuffer {
		r.scratch = nil
	}
	r.scratch = r.renderer.Append(r.scratch[:0], req)
	return r.scratch
}
