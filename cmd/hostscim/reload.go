package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"hostscim/adapter"
	"hostscim/mapping"
)

// settle is how long a change of a file is left alone before it is looked at:
// who writes one makes several changes.
const settle = 250 * time.Millisecond

// source is a configuration file, with the files that it refers to.
type source struct {
	file string
	read map[string][sha256.Size]byte // what was read last; the zero hash of what could not be
}

// load reads the configuration.
func (s *source) load() (*mapping.Config, error) {
	s.read = make(map[string][sha256.Size]byte)
	src, err := readFile(s.file)
	s.saw(s.file, src, err)
	if err != nil {
		return nil, err
	}
	return loadFrom(s.file, src, mapping.Sources{
		Env: os.LookupEnv,
		ReadFile: func(name string) ([]byte, error) {
			src, err := os.ReadFile(name)
			s.saw(name, src, err)
			return src, err
		},
	})
}

func (s *source) saw(name string, src []byte, err error) {
	s.read[name] = sumOf(src, err)
}

// changed reports whether a file is not as it was read.
func (s *source) changed() bool {
	for name, sum := range s.read {
		if src, err := os.ReadFile(name); sumOf(src, err) != sum {
			return true
		}
	}
	return false
}

func sumOf(src []byte, err error) [sha256.Size]byte {
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(src)
}

// folders returns the folders in which a change of the files shows. Files are
// replaced rather than written: by editors, which rename, and by Kubernetes,
// which turns a link beside them. So it is folders that are watched, and of a
// link both ends.
func (s *source) folders() map[string]bool {
	all := make(map[string]bool)
	for name := range s.read {
		all[filepath.Dir(name)] = true
		if real, err := filepath.EvalSymlinks(name); err == nil {
			all[filepath.Dir(real)] = true
		}
	}
	return all
}

// reloader uses the configuration again when it changes, or when it is told to.
type reloader struct {
	source  *source
	log     *slog.Logger
	hangups <-chan os.Signal
}

// run serves the reloads of the service until ctx ends.
func (r *reloader) run(ctx context.Context, service *adapter.Service) {
	var events chan fsnotify.Event // nil where nothing is watched
	var failures chan error
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		r.log.Warn("files are not watched; SIGHUP loads the configuration again", "err", err.Error())
	} else {
		defer watcher.Close()
		events, failures = watcher.Events, watcher.Errors
	}
	settled := time.After(settle) // a file may have changed since it was read
	for {
		r.watch(watcher)
		select {
		case <-ctx.Done():
			return
		case <-r.hangups:
			r.reload(service)
		case <-events:
			if settled == nil {
				settled = time.After(settle)
			}
		case err := <-failures: // events may have been lost
			r.log.Warn("watching files", "err", err.Error())
			if settled == nil {
				settled = time.After(settle)
			}
		case <-settled:
			if settled = nil; r.source.changed() {
				r.reload(service)
			}
		}
	}
}

// watch watches the folders of the files as they are now. A folder that is
// gone is no more watched, and there may be others.
func (r *reloader) watch(w *fsnotify.Watcher) {
	if w == nil {
		return
	}
	wanted := r.source.folders()
	watched := w.WatchList()
	for _, name := range watched {
		if !wanted[name] {
			_ = w.Remove(name) // gone already, as good
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if !slices.Contains(watched, name) {
			if err := w.Add(name); err != nil {
				r.log.Debug("a folder cannot be watched", "folder", name, "err", err.Error())
			}
		}
	}
}

// reload uses the configuration as it is now, or keeps the one in use.
func (r *reloader) reload(service *adapter.Service) {
	config, err := r.source.load()
	if err == nil {
		err = keepsPlace(service.Config(), config.Server)
	}
	if err != nil {
		service.Refuse(err)
		return
	}
	_ = service.Reload(config) // which logs
}

// keepsPlace returns an error if the adapter would have to listen elsewhere, or
// otherwise.
func keepsPlace(now, next mapping.Server) error {
	for _, l := range []struct {
		key       string
		now, next any
	}{
		{"server.listen", now.Listen, next.Listen},
		{"server.admin_listen", now.AdminListen, next.AdminListen},
		{"server.socket_mode", now.SocketMode, next.SocketMode},
		{"server.limits", now.Limits, next.Limits},
	} {
		if l.now != l.next {
			return fmt.Errorf("%s: is %v now and cannot become %v without a restart; restart, or write what it was", l.key, l.now, l.next)
		}
	}
	return nil
}
