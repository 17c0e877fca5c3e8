// Package chaos proves law 3 of the adapter: after any sequence of faults,
// repeating the client's cycle reaches the wanted state, with exactly one host
// for each user.
//
// A schedule is a number. From it follow a directory of users and groups, what
// is done to it (created, updated, renamed, disabled, restored, deleted, joined,
// left), the faults of the host API meanwhile, and the moments at which the
// adapter is killed and started again. After some changes the client runs a
// cycle as Entra does: it looks for users that it does not know by userName,
// creates or updates them, five at a time, then groups, then members, in both
// dialects; what fails it leaves for the next cycle. Every answer is held against
// the host API as it is behind its faults: a success has happened, an absence or
// a refusal is true, and everything else is 429, 503 or 504. In the end the
// faults stop, the cycle is repeated until nothing is left to do, and the host
// API must hold exactly what the directory says.
//
// Most schedules run the adapter inside the test, on sockets of its own, and
// kill it by cutting these; one in fifty runs the binary and kills it by SIGKILL.
//
//	go test ./integration/chaos                      100 schedules
//	go test ./integration/chaos -schedules 100000    many
//	go test ./integration/chaos -seed 7              the schedule 7
//
// Of a schedule that fails, what does not matter is left out, step by step, and
// the rest is printed with the command that runs it again. Requests go side by
// side, so that a schedule may need several runs to fail again.
//
//	plan_test.go       what a schedule consists of
//	faults_test.go     what goes wrong in it
//	directory_test.go  the users and groups that are wanted
//	entra_test.go      the client: a cycle
//	bodies_test.go     the requests of both dialects
//	answer_test.go     what every answer must be
//	truth_test.go      the host API behind its faults
//	system_test.go     the adapter that is killed
//	profiles_test.go   its configurations
//	run_test.go        one schedule from begin to end
//	shrink_test.go     what of a schedule matters
package chaos
