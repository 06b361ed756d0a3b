package main

type previewCmd struct{}

func (previewCmd) Run() error { return nil }
