"""What all other packages build on: errors, paths, files, guards for arrays, labels. It imports no other
package.
"""
