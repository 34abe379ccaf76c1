"""What Bunsen knows about experiments, without Slack, SQL or pictures."""
