package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-00829101/heartline/internal/app"
	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/logins"
	"github.com/seed-00829101/heartline/plant"
)

func newUser() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Make and remove the logins of gateways at the embedded broker",
		Long: `Edits mqtt.users_file: one login a line, name:bcrypt:plants, as
"htpasswd -nbB name password" prints it with :plants behind. A gateway may
publish its plants' topics and read what Heartline says of them, nothing else.
A running Heartline reads the file again by itself.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newUserAdd(), newUserRemove(), newUserList())
	return cmd
}

// usersOf returns the configuration and its file of logins.
func usersOf(cmd *cobra.Command) (*config.Loaded, string, error) {
	loaded, err := config.LoadBeforeUsers(cmd.Flags(), os.Environ())
	if err != nil {
		return nil, "", err
	}
	if loaded.Config.MQTT.UsersFile == "" {
		return nil, "", plant.Errorf(plant.CodeInvalid, "mqtt.users_file is not set: name the file of logins in heartline.yaml, or with --mqtt.users_file")
	}
	return loaded, loaded.Config.MQTT.UsersFile, nil
}

func newUserAdd() *cobra.Command {
	var plants []string
	var certificate, stdin bool
	cmd := &cobra.Command{
		Use:   "add NAME --plant PLANT",
		Short: "Make a login, or change its password and plants",
		Long: `Makes a login, or replaces the one of that name. The password is made up and
printed once; with --password-stdin it is read from standard input, and with
--certificate there is none: the gateway shows a client certificate.`,
		Example: `  heartline user add gw-1 --plant shaoxing-07
  heartline user add gw-1 --plant shaoxing-07 --password-stdin < password
  heartline user add gw-2 --plant pune-11 --plant pune-12 --certificate`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || len(plants) == 0 {
				return usageError{fmt.Errorf("name the login and, with --plant, whose topics it may publish; see %s --help", cmd.CommandPath())}
			}
			_, file, err := usersOf(cmd)
			if err != nil {
				return err
			}
			login := &logins.Login{Name: args[0], Plants: plants}
			password := ""
			switch {
			case certificate:
			case stdin:
				if password, err = bufio.NewReader(cmd.InOrStdin()).ReadString('\n'); password == "" && err != nil {
					return usageError{fmt.Errorf("no password on standard input: %w", err)}
				}
				password = strings.TrimRight(password, "\r\n")
			default:
				password = rand.Text()
			}
			if password != "" {
				if login.Hash, err = logins.Hash(password); err != nil {
					return err
				}
			}
			if err := logins.Edit(file, replaceLogin(login)); err != nil {
				return err
			}
			if !certificate && !stdin {
				fmt.Fprintln(cmd.OutOrStdout(), password)
				fmt.Fprintf(cmd.ErrOrStderr(), "the password of %s, shown once; it is in %s as a hash\n", login.Name, file)
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&plants, "plant", nil, "plant whose topics it may publish; may be repeated")
	cmd.Flags().BoolVar(&certificate, "certificate", false, "no password: a client certificate with this common name")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	config.AddFlags(cmd.Flags())
	return cmd
}

// replaceLogin puts l into the lines, in the place of the one of its name.
func replaceLogin(l *logins.Login) func([]string) ([]string, error) {
	return func(lines []string) ([]string, error) {
		i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, l.Name+":") })
		if i < 0 {
			return append(lines, l.Line()), nil
		}
		lines[i] = l.Line()
		return lines, nil
	}
}

func newUserRemove() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "remove NAME",
		Short:   "Remove a login; connections it has stay until they end",
		Example: `  heartline user remove gw-1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("name one login; see %s --help", cmd.CommandPath())}
			}
			_, file, err := usersOf(cmd)
			if err != nil {
				return err
			}
			return logins.Edit(file, func(lines []string) ([]string, error) {
				kept := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.HasPrefix(line, args[0]+":") })
				if len(kept) == len(lines) {
					return nil, fmt.Errorf("there is no login %q in %s", args[0], file)
				}
				return kept, nil
			})
		},
	}
	config.AddFlags(cmd.Flags())
	return cmd
}

func newUserList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the logins and what each may publish",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, file, err := usersOf(cmd)
			if err != nil {
				return err
			}
			users, err := logins.Read(file)
			if err != nil {
				return err
			}
			for _, l := range users.All() {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", l.Name, strings.Join(l.Publish(app.LoginTopics(loaded)), "  "))
			}
			return nil
		},
	}
	config.AddFlags(cmd.Flags())
	return cmd
}

func newACL() *cobra.Command {
	var reader string
	cmd := &cobra.Command{
		Use:   "acl",
		Short: "Write the gateways' rights as an access control list for Mosquitto",
		Long: `Writes what each login of mqtt.users_file may publish and read as Mosquitto's
acl_file, and what Heartline itself needs. Passwords are Mosquitto's own:
mosquitto_passwd makes that file.`,
		Example: `  heartline acl > /etc/mosquitto/heartline.acl`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, file, err := usersOf(cmd)
			if err != nil {
				return err
			}
			users, err := logins.Read(file)
			if err != nil {
				return err
			}
			return logins.WriteACL(cmd.OutOrStdout(), users, app.LoginTopics(loaded), reader, app.Filters(loaded))
		},
	}
	cmd.Flags().StringVar(&reader, "heartline-user", "heartline", "login of Heartline itself at that broker")
	config.AddFlags(cmd.Flags())
	return cmd
}
