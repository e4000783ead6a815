package site

import (
	"encoding/binary"
	"hash/crc32"
)

// tornPage is a page of pictures that no decoder should trust.
const tornPage = "/gallery/torn.html"

// torn are the pictures of that page: what a stage two must refuse without
// dying of it.
func (g *gallery) torn() content {
	p := newPage("en", "Pictures that are none")
	p.crumbs(tornPage).raw("<main><h1>Pictures that are none</h1>\n")
	p.image("bomb.png", "A PNG of 70 bytes that claims 60,000 by 60,000 pixels")
	p.image("noise.jpg", "A JPEG whose scan is noise")
	return p.raw("</main>\n<nav>").link("/gallery/", "Gallery").raw("</nav>").end(epoch)
}

// tornPicture returns such a picture, or false for any other name.
func tornPicture(name string) (content, bool) {
	switch name {
	case "bomb.png":
		return content{"image/png", bombPNG(60_000), epoch}, true
	case "noise.jpg":
		return content{"image/jpeg", []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda noise \xff\xd9"), epoch}, true
	}
	return content{}, false
}

// bombPNG is a well-formed PNG (RFC 2083) whose header claims side × side
// pixels of 8 bytes and whose data hold none.
func bombPNG(side uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, side)
	header = binary.BigEndian.AppendUint32(header, side)
	header = append(header, 16, 6, 0, 0, 0) // 16 bits, RGBA
	b := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		name string
		data []byte
	}{{"IHDR", header}, {"IDAT", []byte("\x78\x9c\x03\x00\x00\x00\x00\x01")}, {"IEND", nil}} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(chunk.data)))
		body := append([]byte(chunk.name), chunk.data...)
		b = append(b, body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	}
	return b
}
