package filter_test

import (
	"fmt"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

func Example() {
	user := scim.User()
	e, err := filter.Parse(`USERNAME sw Al and Emails[Type eq "work"].Value pr`, user.URNs()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := filter.Compile(e, user)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f)
	fmt.Println(f.Match(scim.Obj(scim.Field{Name: "userName", Value: scim.Text("alice")})))
	// Output:
	// userName sw "Al" and emails[type eq "work"].value pr
	// false
}

func ExampleResolve() {
	user := scim.User()
	p, err := filter.ParsePath(`roles[primary eq "True"].value`, user.URNs()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := filter.Resolve(p, user)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(target.Path, target.Attr.Name, target.Sub.Name)
	// Output: roles[primary eq true].value roles value
}
