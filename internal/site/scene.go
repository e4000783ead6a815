package site

import "image"

// scene is a picture that can be drawn at any size: a gradient, a soft texture, and shapes on it. It is drawn
// straight into the planes of a 4:2:0 JPEG, by integer arithmetic, so that it costs a few ns a pixel and comes
// out the same on every machine.
type scene struct {
	corners [3][4]int // of Y, Cb, Cr: values of the gradient at the corners, 0..255
	shapes  []shape
	lattice [latticeSize * latticeSize]int8 // bumps of the texture
}

const (
	latticeSize = 33
	unit        = 1 << 12 // the side of a picture in a shape's coordinates
)

// shape is an ellipse or a rectangle, in units of 1/unit of the picture's width and height.
type shape struct {
	ellipse    bool
	cx, cy     int
	rx, ry     int
	colour     [3]int // Y, Cb, Cr
	opacity    int    // of 256
	slope      int    // how much Y changes from left to right
	stripes    int    // width of stripes in units, 0: none
	colourName string
}

func newScene(r *rng) *scene {
	s := &scene{}
	for i := range 4 {
		s.corners[0][i] = r.between(30, 225)
		s.corners[1][i] = r.between(90, 166)
		s.corners[2][i] = r.between(90, 166)
	}
	for i := range s.lattice {
		s.lattice[i] = int8(r.between(-20, 20))
	}
	for range r.between(6, 14) {
		s.shapes = append(s.shapes, newShape(r))
	}
	return s
}

var sceneColours = []struct {
	name string
	ycc  [3]int
}{
	{"red", [3]int{90, 96, 220}}, {"green", [3]int{120, 90, 70}}, {"blue", [3]int{70, 200, 100}}, {"yellow", [3]int{200, 40, 150}},
	{"white", [3]int{235, 128, 128}}, {"black", [3]int{25, 128, 128}}, {"violet", [3]int{90, 180, 170}}, {"orange", [3]int{150, 60, 190}},
}

func newShape(r *rng) shape {
	c := pick(r, sceneColours)
	s := shape{
		ellipse: r.chance(55), cx: r.intn(unit), cy: r.intn(unit), rx: r.between(unit/24, unit/3), ry: r.between(unit/24, unit/3),
		colour: c.ycc, colourName: c.name, opacity: r.between(120, 256), slope: r.between(-60, 60),
	}
	if r.chance(25) {
		s.stripes = r.between(unit/200, unit/30)
	}
	return s
}

// words describes the scene for an alt text.
func (s *scene) words() string {
	last := s.shapes[len(s.shapes)-1]
	form := "rectangle"
	if last.ellipse {
		form = "ellipse"
	}
	light := "a dark"
	if (s.corners[0][0]+s.corners[0][3])/2 > 127 {
		light = "a bright"
	}
	return "A " + last.colourName + " " + form + " before " + light + " background"
}

// draw renders the scene; noise is the amplitude of the grain, which makes a photograph hard to compress.
func (s *scene) draw(w, h, noise int, grain *rng) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for y := range h {
		row := img.Y[y*img.YStride : y*img.YStride+w]
		line := newLine(s.corners[0], y, w, h)
		for x := range row {
			row[x] = uint8(line.next())
		}
		s.bump(row, y, h)
		for i := range s.shapes {
			s.shapes[i].blend(row, y, h, 0)
		}
		if noise > 0 {
			addGrain(row, noise, grain)
		}
	}
	cw, ch := (w+1)/2, (h+1)/2
	for y := range ch {
		for plane, pix := range [][]uint8{img.Cb, img.Cr} {
			row := pix[y*img.CStride : y*img.CStride+cw]
			line := newLine(s.corners[plane+1], y, cw, ch)
			for x := range row {
				row[x] = uint8(line.next())
			}
			for i := range s.shapes {
				s.shapes[i].blend(row, y, ch, plane+1)
			}
		}
	}
	return img
}

// line steps through one row of a gradient, in 16.16 fixed point.
type line struct{ at, step int }

func newLine(corners [4]int, y, w, h int) line {
	left := (corners[0]*(h-y) + corners[2]*y) << 16 / h
	right := (corners[1]*(h-y) + corners[3]*y) << 16 / h
	return line{left, (right - left) / w}
}

func (l *line) next() int {
	v := l.at >> 16
	l.at += l.step
	return v
}

// bump adds the texture to a row: bumps of the lattice, interpolated linearly both ways.
func (s *scene) bump(row []uint8, y, h int) {
	fy := y * (latticeSize - 1) * 256 / h
	upper := s.lattice[fy>>8*latticeSize:][:latticeSize]
	lower := s.lattice[(fy>>8+1)*latticeSize:][:latticeSize]
	frac := fy & 255
	at := func(i int) int { return int(upper[i])*(256-frac) + int(lower[i])*frac } // times 256
	w := len(row)
	for cell := range latticeSize - 1 {
		x0, x1 := cell*w/(latticeSize-1), (cell+1)*w/(latticeSize-1)
		if x0 == x1 {
			continue
		}
		v, step := at(cell)<<8, (at(cell+1)-at(cell))<<8/(x1-x0)
		for x := x0; x < x1; x++ {
			row[x] = clamp(int(row[x]) + v>>16)
			v += step
		}
	}
}

// blend lays the shape's part of a row over one plane.
func (s *shape) blend(row []uint8, y, h, plane int) {
	dy := y*unit/h - s.cy
	if dy < -s.ry || dy > s.ry {
		return
	}
	half := s.rx
	if s.ellipse {
		half = s.rx * isqrt((s.ry*s.ry-dy*dy)<<8) / (s.ry << 4)
	}
	w := len(row)
	x0, x1 := max((s.cx-half)*w/unit, 0), min((s.cx+half)*w/unit, w)
	if x0 >= x1 {
		return
	}
	slope := 0
	if plane == 0 {
		slope = s.slope << 16 / (x1 - x0)
	}
	stripe := s.stripes * w / unit
	value := s.colour[plane] << 16
	for x := x0; x < x1; x++ {
		value += slope
		if stripe > 0 && (x-x0)/stripe&1 == 1 {
			continue
		}
		row[x] = clamp((int(row[x])*(256-s.opacity) + value>>16*s.opacity) >> 8)
	}
}

// addGrain adds noise in [-amplitude, amplitude), eight pixels for each random number.
func addGrain(row []uint8, amplitude int, r *rng) {
	for len(row) > 0 {
		bits := r.next()
		n := min(8, len(row))
		for i := range n {
			row[i] = clamp(int(row[i]) + (int(bits&255)-128)*amplitude>>7)
			bits >>= 8
		}
		row = row[n:]
	}
}

func clamp(v int) uint8 { return uint8(max(0, min(255, v))) }

// isqrt is the integer square root.
func isqrt(n int) int {
	if n < 2 {
		return max(n, 0)
	}
	x := 1 << ((bitLen(n) + 1) / 2)
	for {
		next := (x + n/x) / 2
		if next >= x {
			return x
		}
		x = next
	}
}

func bitLen(n int) int {
	bits := 0
	for ; n > 0; n >>= 1 {
		bits++
	}
	return bits
}
