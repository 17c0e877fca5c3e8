// Command pocketbase serves a real PocketBase with the collections that
// configs/pocketbase.yaml describes, for the tests of integration/backends.
//
//	POCKETBASE_EMAIL=... POCKETBASE_PASSWORD=... pocketbase DIR ADDRESS
//
// DIR is where it keeps its data, ADDRESS where it listens. The e-mail and the
// password are those of its one superuser. It is a module of its own, so that
// what PocketBase depends on is not what hostscim depends on.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // its own collections
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "pocketbase: %v\n", err)
		os.Exit(1)
	}
}

// run serves until the process is told to end.
func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: pocketbase DIR ADDRESS")
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: args[0]})
	if err := app.Bootstrap(); err != nil {
		return fmt.Errorf("opening the data: %w", err)
	}
	if err := app.RunAllMigrations(); err != nil {
		return fmt.Errorf("preparing the data: %w", err)
	}
	if err := collections(app); err != nil {
		return fmt.Errorf("making the collections: %w", err)
	}
	if err := superuser(app, os.Getenv("POCKETBASE_EMAIL"), os.Getenv("POCKETBASE_PASSWORD")); err != nil {
		return fmt.Errorf("making the superuser: %w", err)
	}
	return apis.Serve(app, apis.ServeConfig{HttpAddr: args[1]})
}

// collections makes hosts and groups. Names are unique without regard to case,
// as far as SQLite knows of case.
func collections(app core.App) error {
	hosts := core.NewBaseCollection("hosts")
	hosts.Fields.Add(
		&core.TextField{Name: "username", Required: true},
		&core.TextField{Name: "first_name", Required: true},
		&core.TextField{Name: "last_name", Required: true},
		&core.EmailField{Name: "email"},
		&core.TextField{Name: "mobile"},
		&core.TextField{Name: "department"},
		&core.BoolField{Name: "visible"},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	hosts.AddIndex("hosts_username", true, "username COLLATE NOCASE", "")
	if err := app.Save(hosts); err != nil {
		return err
	}
	groups := core.NewBaseCollection("host_groups")
	groups.Fields.Add(
		&core.TextField{Name: "name", Required: true},
		&core.RelationField{Name: "members", CollectionId: hosts.Id, MaxSelect: 10_000},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	groups.AddIndex("host_groups_name", true, "name COLLATE NOCASE", "")
	return app.Save(groups)
}

func superuser(app core.App, email, password string) error {
	superusers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	record := core.NewRecord(superusers)
	record.SetEmail(email)
	record.SetPassword(password)
	return app.Save(record)
}
