package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"hostscim/mapping"
)

// listenAll opens the listeners that the configuration names.
func listenAll(s mapping.Server) (public, admin net.Listener, err error) {
	passed, err := activated(os.Getenv, os.Getpid(), firstSocket)
	if err != nil {
		return nil, nil, err
	}
	defer passed.close()
	if public, err = listen("listen", s.Listen, s.SocketMode, passed); err != nil {
		return nil, nil, err
	}
	if admin, err = listenAdmin(s, passed); err != nil {
		public.Close()
		return nil, nil, err
	}
	return limited(public, s.Limits), limited(admin, s.Limits), nil
}

// listenAdmin opens the listener that asks for no token. That strangers do not
// reach it is known only now of a name, and of a socket of systemd.
func listenAdmin(s mapping.Server, passed *activation) (net.Listener, error) {
	l, err := listen("admin_listen", s.AdminListen, s.SocketMode, passed)
	if err != nil {
		return nil, err
	}
	if at, tcp := l.Addr().(*net.TCPAddr); tcp && !at.IP.IsLoopback() && !s.AdminPublic {
		l.Close()
		return nil, usageError{fmt.Errorf("server.admin_listen is %s, where other machines reach it without a token; take an address of 127.0.0.1, or write admin_public: true if the network keeps strangers away", at)}
	}
	return l, nil
}

// listen opens the listener at the address that the key under server has.
func listen(key string, a mapping.Address, mode mapping.FileMode, passed *activation) (net.Listener, error) {
	switch network, at := a.Split(); network {
	case mapping.NetworkSystemd:
		return passed.listener(key)
	case mapping.NetworkUnix:
		return listenUnix("server."+key, at, fs.FileMode(mode))
	default:
		return listenTCP("server."+key, at)
	}
}

func listenTCP(key, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return l, nil
}

// listenUnix opens a Unix socket, in the place of one that a crash left
// behind. Until its mode is set, the umask says who may connect, and that is
// hardly ever more than its owner.
func listenUnix(key, path string, mode fs.FileMode) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && abandoned(path) {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("%s: removing the socket that nobody listens on: %w", key, err)
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if err := os.Chmod(path, mode); err != nil {
		l.Close()
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return l, nil
}

// abandoned reports whether the path is that of a socket on which nobody
// listens any more. Any doubt, and it is not.
func abandoned(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return false
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
