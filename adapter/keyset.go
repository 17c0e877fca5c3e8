package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// keySet holds the keys that an issuer publishes (RFC 7517). They are fetched
// when a token names one that is not known, and again from time to time, so
// that a key that was withdrawn does not count for ever. While the issuer
// cannot be reached, those that are known serve on.
//
// It takes the place of the library's own set, which never asks again as long
// as every token fits, and asks each time when one does not: made-up key ids
// would make us flood the issuer.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time     // when keys came
	tried   time.Time     // when they were last asked for
	err     error         // of the last try
	running chan struct{} // closed when the fetch under way has ended; nil: none is
}

var _ oidc.KeySet = (*keySet)(nil)

const (
	keysFresh   = time.Hour        // after which they are fetched again
	keysAgain   = 30 * time.Second // the least time between two tries
	keysTimeout = 5 * time.Second
	maxKeySet   = 256 << 10 // bytes
)

// errNoKeys says that the keys cannot be had, so that a token is neither valid
// nor wrong.
var errNoKeys = errors.New("the issuer's keys cannot be fetched")

func newKeySet(url string, now func() time.Time) *keySet {
	return &keySet{url: url, now: now, client: &http.Client{
		Timeout: keysTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // keys come from where the file says, or not at all
		},
	}}
}

// VerifySignature returns the payload of a token that one of the keys signed.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	// The verifier has checked the algorithm against those it allows.
	signed, err := jose.ParseSignedCompact(token, allowedAlgorithms)
	if err != nil {
		return nil, errors.New("no signed token")
	}
	id := signed.Signatures[0].Header.KeyID
	if payload, ok := verify(signed, k.known(ctx), id); ok {
		return payload, nil
	}
	keys, err := k.fetch(ctx)
	if payload, ok := verify(signed, keys, id); ok {
		return payload, nil
	}
	if err != nil {
		if unknown, ok := ctx.Value(keysUnknown{}).(*bool); ok {
			*unknown = true
		}
		return nil, fmt.Errorf("%w: %w", errNoKeys, err)
	}
	return nil, errors.New("no key of the issuer fits the signature")
}

// verify tries the keys of that id; a token without an id may be of any.
func verify(signed *jose.JSONWebSignature, keys []jose.JSONWebKey, id string) ([]byte, bool) {
	for i := range keys {
		if id != "" && keys[i].KeyID != id {
			continue
		}
		if payload, err := signed.Verify(&keys[i]); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// known returns the keys at hand, and has old ones renewed meanwhile.
func (k *keySet) known(ctx context.Context) []jose.JSONWebKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if len(k.keys) > 0 && now.Sub(k.fetched) > keysFresh && now.Sub(k.tried) > keysAgain {
		k.start(ctx)
	}
	return k.keys
}

// fetch returns the keys as they are after a fetch, unless the last one was
// just now. The error is that of the last try.
func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	if k.running == nil && k.now().Sub(k.tried) > keysAgain {
		k.start(ctx)
	}
	running := k.running
	k.mu.Unlock()
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys, k.err
}

// start begins a fetch, which goes on when the request that asked for it ends.
// k.mu is held.
func (k *keySet) start(ctx context.Context) {
	if k.running != nil {
		return
	}
	running := make(chan struct{})
	k.running, k.tried = running, k.now()
	go func() {
		keys, err := k.get(context.WithoutCancel(ctx))
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.err = err; err == nil {
			k.keys, k.fetched = keys, k.now()
		}
		k.running = nil
		close(running)
	}()
}

func (k *keySet) get(ctx context.Context) ([]jose.JSONWebKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, errors.New("no connection to the issuer's key URL")
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer's key URL answers with status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet))
	if err != nil {
		return nil, errors.New("the issuer's keys were cut short")
	}
	return parseKeys(body)
}

// parseKeys returns the public signing keys of a key set. One without any is
// refused: it would take the place of those that are known.
func parseKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errors.New("the issuer's key URL does not answer with a key set")
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		// One of a kind that is not known must not hide the others.
		if err := json.Unmarshal(raw, &key); err == nil && key.IsPublic() && (key.Use == "" || key.Use == "sig") {
			keys = append(keys, key)
		}
	}
	if keys == nil {
		return nil, errors.New("the issuer publishes no public signing key")
	}
	return keys, nil
}
