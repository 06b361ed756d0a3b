package main

type actCmd struct{}

func (actCmd) Run() error { return nil }
