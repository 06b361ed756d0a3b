package main

type outboxCmd struct{}

func (outboxCmd) Run() error { return nil }
