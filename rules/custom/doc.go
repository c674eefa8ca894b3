// Package custom is the rules that users write: conditions over what a machine,
// a line or a plant says, in the language of expr-lang. A rule is compiled once,
// against known names and types; evaluating it takes bounded time and memory,
// and reads nothing but what it is given. Time is an argument.
//
// Package rules owns what is watched, and when it is looked at.
package custom
