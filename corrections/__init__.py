"""What people said was right, and what had been read: the store that web/ fills and that trainings read.

It knows nothing of HTTP and nothing of networks: pictures are bytes here, and answers are what was answered.
"""
