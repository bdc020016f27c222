"""What the desktop client does, without a window: it can be tried on any machine.

Rule: presenters live on asyncio's thread, stand on `kibitz.client`, and tell views what to show as immutable values. Each names what it
needs of its view as a Protocol, whose `async` methods it awaits so that it never runs ahead of what can be drawn.
"""
