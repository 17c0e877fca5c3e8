// Package rehearse acts as an identity provider's provisioning service, so
// that one can see what it will do to a SCIM 2.0 endpoint, of hostscim or of
// anybody, before provisioning is switched on. It also times what it sends.
//
//	r, err := rehearse.New(rehearse.Options{URL: "http://127.0.0.1:8080/scim/v2", Token: token, Users: 10, Groups: 2, Members: 5})
//	r.Run(ctx)                                // until it is done or ctx ends
//	r.CleanUp(context.WithoutCancel(ctx))     // what was made goes away
//	report := r.Report()
//	report.Write(os.Stdout)
//
// A rehearsal is the connection test, the initial cycle, an incremental
// cycle, provisioning on demand, and the deletions at the end, once for each
// dialect. What was written is read back. Whatever the endpoint does that the
// identity provider does not take, or that it would not notice although data
// is lost, becomes a [Finding] in an administrator's words: what was sent,
// what came back, what the identity provider does next, how to mend it.
//
// It writes only to what it made: names that begin with the prefix of the
// run, under the ids that the endpoint gave for them. The client refuses to
// change or delete anything else.
//
// The package imports nothing of hostscim, so that it cannot agree with it by
// sharing its mistakes, and it may drive any endpoint in tests.
//
//	options.go profile.go style.go   who is played, and how it spells its requests
//	person.go resource.go            the people and groups, and SCIM paths in JSON
//	dialect.go                       the bodies of Entra's dialects, for tests with stories of their own
//	client.go ledger.go              requests, and what may be written to
//	rehearsal.go each.go             the whole, and the work on many objects at a time
//	connection.go discovery.go matching.go users.go shapes.go groups.go members.go deletion.go   the steps
//	verify.go finding.go lessons.go  what is compared, and what it means
//	suite.go validator.go gallery.go oktaspec.go   published test suites, test by test
//	oauth.go credentials.go   tokens, and the gallery's tests of the token endpoint
//	report.go stats.go timeline.go html.go         what comes of it
package rehearse
