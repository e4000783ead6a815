package proxytest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
)

// socks serves one connection of a SOCKS 5 proxy.
func (p *Proxy) socks(c net.Conn, br *bufio.Reader) {
	if !p.greet(c, br) {
		return
	}
	addr, err := request(br)
	if err != nil {
		p.note("bad: " + err.Error())
		return
	}
	p.note("SOCKS " + addr)
	reply := func(code byte) { _, _ = c.Write([]byte{5, code, 0, 1, 127, 0, 0, 1, 0, 0}) }
	if p.opt.RefuseSOCKS != 0 {
		reply(p.opt.RefuseSOCKS)
		return
	}
	server, err := p.dial(addr)
	if err != nil {
		reply(5)
		return
	}
	reply(0)
	p.pipe(c, br, server)
}

// greet agrees on a method and asks for the password, if there is one.
func (p *Proxy) greet(c net.Conn, br *bufio.Reader) bool {
	head := make([]byte, 2)
	if _, err := io.ReadFull(br, head); err != nil || head[0] != 5 {
		p.note(fmt.Sprintf("bad: greeting %q", head))
		return false
	}
	methods := make([]byte, head[1])
	if _, err := io.ReadFull(br, methods); err != nil {
		return false
	}
	want := byte(0)
	if p.opt.User != "" {
		want = 2
	}
	if !slices.Contains(methods, want) {
		_, _ = c.Write([]byte{5, 0xff})
		return false
	}
	_, _ = c.Write([]byte{5, want})
	return want == 0 || p.password(c, br)
}

func (p *Proxy) password(c net.Conn, br *bufio.Reader) bool {
	version, _ := br.ReadByte()
	user, uerr := text(br)
	password, perr := text(br)
	ok := version == 1 && uerr == nil && perr == nil && user == p.opt.User && password == p.opt.Password
	status := byte(0)
	if !ok {
		status = 1
	}
	_, _ = c.Write([]byte{1, status})
	return ok
}

// text reads a length and as many bytes.
func text(br *bufio.Reader) (string, error) {
	n, err := br.ReadByte()
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(br, b)
	return string(b), err
}

// request reads whom the client wants: an address, or a name.
func request(br *bufio.Reader) (string, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(br, head); err != nil {
		return "", err
	}
	if head[0] != 5 || head[1] != 1 {
		return "", fmt.Errorf("request %v", head)
	}
	host := ""
	switch head[3] {
	case 1, 4:
		b := make([]byte, 4*int(head[3])) // 4 or 16
		if _, err := io.ReadFull(br, b); err != nil {
			return "", err
		}
		ip, _ := netip.AddrFromSlice(b)
		host = ip.String()
	case 3:
		name, err := text(br)
		if err != nil {
			return "", err
		}
		host = name
	default:
		return "", fmt.Errorf("address type %d", head[3])
	}
	var port [2]byte
	if _, err := io.ReadFull(br, port[:]); err != nil {
		return "", err
	}
	return net.JoinHostPort(host, fmt.Sprint(binary.BigEndian.Uint16(port[:]))), nil
}
