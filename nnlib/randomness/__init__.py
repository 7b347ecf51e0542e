"""What the random numbers of a run decide: replicates with other ones, and a study of thousands.

Three things are drawn: the training set, the initial weights, and the test set, which only
measures. To train one experiment with many draws, read `replicates`. What a trained network is
measured with is in `rulers`, which thousands of runs were made for the book in `study`, what is
made of their errors in `statistics`, and how alike two runs are, neuron by neuron, in `similarity`.
"""
