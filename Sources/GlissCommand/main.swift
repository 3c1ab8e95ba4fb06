print("gliss")
