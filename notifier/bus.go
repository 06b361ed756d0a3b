package notifier

import "context"

// Post is one delivery as the bus carries it: only its key. The content stays
// in SQL, so a bus that loses, doubles or reorders messages loses nothing.
type Post struct {
	Queue string // channel name
	Key   string // delivery key
	ID    string // the same for the same round of the same delivery: a bus may drop repeats
}

// Bus brings posts from the relay to the workers of a channel.
type Bus interface {
	// Publish returns when the bus has all posts, or with an error when that is not sure.
	Publish(ctx context.Context, posts []Post) error
	// Consume hands the posts of a queue to handle, several at once, until ctx
	// ends; a post whose handle fails comes again. It returns at once.
	Consume(ctx context.Context, queue string, workers int, handle func(context.Context, string) error) error
	// Close ends the consuming and waits for running handles.
	Close() error
}
