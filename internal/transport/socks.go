package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
)

// The words of SOCKS 5 (RFC 1928) and of its user names and passwords (RFC 1929).
const (
	socksVersion  = 5
	socksNoAuth   = 0
	socksPassword = 2
	socksConnects = 1
	socksIPv4     = 1
	socksName     = 3
	socksIPv6     = 4
)

var errSOCKS = errors.New("it does not speak SOCKS 5")

// socksConnect asks a SOCKS 5 proxy for a stream to addr. It reads not one byte more than the proxy's answers.
func socksConnect(rw io.ReadWriter, p *Proxy, addr netip.AddrPort) error {
	if err := socksGreet(rw, p); err != nil {
		return err
	}
	ask := []byte{socksVersion, socksConnects, 0, socksIPv6}
	ip := addr.Addr().Unmap().WithZone("")
	if ip.Is4() {
		ask[3] = socksIPv4
	}
	ask = append(ask, ip.AsSlice()...)
	ask = binary.BigEndian.AppendUint16(ask, addr.Port())
	if _, err := rw.Write(ask); err != nil {
		return err
	}
	return socksAnswer(rw)
}

// socksGreet agrees on how to log in, and does.
func socksGreet(rw io.ReadWriter, p *Proxy) error {
	hello := []byte{socksVersion, 1, socksNoAuth}
	if p.User != "" {
		hello = []byte{socksVersion, 2, socksNoAuth, socksPassword}
	}
	if _, err := rw.Write(hello); err != nil {
		return err
	}
	var chosen [2]byte
	if err := readAll(rw, chosen[:]); err != nil {
		return err
	}
	switch {
	case chosen[0] != socksVersion:
		return fmt.Errorf("%w: it begins %q", errSOCKS, chosen)
	case chosen[1] == socksNoAuth:
		return nil
	case chosen[1] == socksPassword && p.User != "":
		return socksLogin(rw, p)
	case p.User == "":
		return &proxyRefusal{text: "it wants a user name and a password"}
	}
	return &proxyRefusal{text: "it takes no user name and password"}
}

func socksLogin(rw io.ReadWriter, p *Proxy) error {
	login := append([]byte{1, byte(len(p.User))}, p.User...)
	login = append(append(login, byte(len(p.Password))), p.Password...)
	if _, err := rw.Write(login); err != nil {
		return err
	}
	var status [2]byte
	if err := readAll(rw, status[:]); err != nil {
		return err
	}
	if status[1] != 0 {
		return &proxyRefusal{text: "it wants another user name and password"}
	}
	return nil
}

// socksAnswer reads the answer to a request, with the address that nobody needs.
func socksAnswer(r io.Reader) error {
	var head [4]byte
	if err := readAll(r, head[:]); err != nil {
		return err
	}
	if head[0] != socksVersion {
		return fmt.Errorf("%w: it answers %q", errSOCKS, head)
	}
	if head[1] != 0 {
		return socksRefusal(head[1])
	}
	var rest [255 + 2]byte
	n := 0
	switch head[3] {
	case socksIPv4:
		n = 4
	case socksIPv6:
		n = 16
	case socksName:
		if err := readAll(r, rest[:1]); err != nil {
			return err
		}
		n = int(rest[0])
	default:
		return fmt.Errorf("%w: an address of type %d", errSOCKS, head[3])
	}
	return readAll(r, rest[:n+2])
}

// socksRefusal reads a reply code that gives no stream.
func socksRefusal(code byte) *proxyRefusal {
	switch code {
	case 1:
		return &proxyRefusal{text: "it answers: general failure", temporary: true, other: true}
	case 2:
		return &proxyRefusal{text: "it answers: its rules do not allow that"}
	case 3:
		return &proxyRefusal{text: "it answers: network unreachable", temporary: true, other: true}
	case 4:
		return &proxyRefusal{text: "it answers: host unreachable", temporary: true, other: true}
	case 5:
		return &proxyRefusal{text: "it answers: connection refused", temporary: true, other: true}
	case 6:
		return &proxyRefusal{text: "it answers: the connection took too long", temporary: true, other: true}
	case 8:
		return &proxyRefusal{text: "it answers: this kind of address is not supported", other: true}
	}
	return &proxyRefusal{text: fmt.Sprintf("it answers: error %d", code)}
}

// readAll fills p, or says that the other side has closed.
func readAll(r io.Reader, p []byte) error {
	_, err := io.ReadFull(r, p)
	return unexpected(err)
}
