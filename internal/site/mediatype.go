package site

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"
)

// mediaTypeOf names the media type of a file, and says whether it is text that may be shown as a page of its
// own. HTML and Markdown are pages already.
func mediaTypeOf(name string, body []byte) (mediaType string, text bool) {
	ext := strings.ToLower(path.Ext(name))
	if t := pictureType(ext); t != "" {
		return t, false
	}
	switch ext {
	case ".html", ".htm":
		return htmlType, false
	case ".md", ".markdown":
		return "text/markdown; charset=utf-8", false
	case ".css":
		return "text/css; charset=utf-8", true
	case ".js":
		return "text/javascript; charset=utf-8", true
	case ".json":
		return "application/json", true
	case ".pdf":
		return "application/pdf", false
	case ".zip":
		return "application/zip", false
	case ".gz":
		return "application/gzip", false
	}
	if isText(ext, body) {
		return "text/plain; charset=utf-8", true
	}
	return "application/octet-stream", false
}

// isText looks at the beginning: a NUL makes a file binary; a source file may hold a few bytes that are not UTF-8.
func isText(ext string, body []byte) bool {
	head := body[:min(len(body), 8192)]
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	switch ext {
	case ".go", ".s", ".c", ".h", ".cc", ".txt", ".mod", ".sum", ".yaml", ".yml", ".sh", ".bash", ".pl", ".py", ".rc", ".bat", ".m", ".f", ".asm":
		return true
	}
	for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
		head = head[:len(head)-1] // the cut may have split a character
	}
	return utf8.Valid(head)
}

func isPicture(name string) bool { return pictureType(strings.ToLower(path.Ext(name))) != "" }

func pictureType(ext string) string {
	switch ext {
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".svg":
		return "image/svg+xml"
	case ".bmp":
		return "image/bmp"
	case ".tif", ".tiff":
		return "image/tiff"
	case ".ico":
		return "image/x-icon"
	}
	return ""
}

// altText makes words of a file name: "video-001.q50.jpeg" is "video 001 q50 jpeg".
func altText(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_. ", r) }), " ")
}
